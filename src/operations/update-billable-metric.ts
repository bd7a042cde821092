import { instantText } from "../domain/time.ts";
import { updateMetric } from "../store/billable-metrics.ts";
import type { OperationContext } from "./context.ts";

/** Gives a metric another name; all else about it is fixed. Throws not found. */
export async function renameBillableMetric(
  ctx: OperationContext,
  id: string,
  name: string,
): Promise<void> {
  await updateMetric(ctx.db, ctx.environment.id, id, { name });
}

/**
 * Keeps a metric from being used by new products. It goes on metering, because products that use it
 * go on billing. Safe to repeat. Throws not found.
 */
export async function archiveBillableMetric(ctx: OperationContext, id: string): Promise<void> {
  const archivedAt = instantText(ctx.now);
  await updateMetric(ctx.db, ctx.environment.id, id, { archivedAt });
}
