import type { CoreTransaction } from "../db/database.ts";
import { instantText } from "../domain/time.ts";
import { enqueueJob } from "../platform/jobs/enqueue.ts";
import type { OperationContext } from "./context.ts";

/** The kind of job that makes one try of one delivery. */
export const DELIVER_WEBHOOK = "deliver-webhook";

/** Lets a delivery be tried once the transaction has committed: at once, or at `dueAt`. */
export async function enqueueWebhookDelivery(
  tx: CoreTransaction,
  ctx: OperationContext,
  deliveryId: string,
  dueAt: string = instantText(ctx.now),
): Promise<void> {
  await enqueueJob(tx, "core_jobs", {
    clock: ctx.environment.name,
    kind: DELIVER_WEBHOOK,
    key: deliveryId,
    payload: { deliveryId },
    dueAt,
  });
}
