import type { CustomFields } from "../domain/custom-fields/entity.ts";
import type { Metric } from "../domain/metering/metric.ts";
import { findMetricProblem } from "../domain/metering/metric-problem.ts";
import { instantText } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { insertMetric } from "../store/billable-metrics.ts";
import { lockMetrics, updateMetricsVersion } from "../store/metrics-lock.ts";
import { backfillMetric } from "./backfill-metric.ts";
import type { OperationContext } from "./context.ts";
import { setCustomFields } from "./set-custom-fields.ts";

export interface CreateMetric extends Omit<Metric, "id"> {
  readonly name: string;
  readonly customFields?: CustomFields | undefined;
}

/**
 * Creates a metric that counts the events already stored as well as those to come, and returns its
 * id. Ingest into the environment waits while it reads the stored ones.
 */
export async function createBillableMetric(
  ctx: OperationContext,
  { customFields, ...metric }: CreateMetric,
): Promise<string> {
  const problem = findMetricProblem(metric);
  if (problem !== undefined) throw invalid(problem.message, problem.field);
  const environmentId = ctx.environment.id;
  return inTransaction(ctx.db, async (tx) => {
    await lockMetrics(tx, environmentId);
    const createdAt = instantText(ctx.now);
    const created = await insertMetric(tx, { ...metric, environmentId, createdAt });
    await setCustomFields(tx, ctx, "billable_metric", created.id, customFields);
    await updateMetricsVersion(tx, environmentId);
    await backfillMetric(tx, environmentId, created);
    return created.id;
  });
}
