import type { CoreTransaction } from "../db/database.ts";
import { type Instant, instantText } from "../domain/time.ts";
import { enqueueJob } from "../platform/jobs/enqueue.ts";
import type { ClockName } from "../platform/jobs/job-table.ts";
import { hasEnabledThreshold } from "../store/threshold-configurations.ts";
import type { OperationContext } from "./context.ts";

/**
 * Lets the customer's thresholds be looked at again, if any is enabled: in the transaction of whatever
 * may have changed a balance or unpaid usage. One job for each customer: what was asked for meanwhile
 * is answered by one look.
 */
export async function requestThresholdEvaluation(
  tx: CoreTransaction,
  ctx: OperationContext,
  customerId: string,
): Promise<void> {
  if (!(await hasEnabledThreshold(tx, ctx.environment.id, customerId))) return;
  await enqueueThresholdEvaluation(tx, ctx.environment.name, customerId, ctx.now);
}

/** As requestThresholdEvaluation, for a customer that is known to have an enabled threshold. */
export const enqueueThresholdEvaluation = (
  tx: CoreTransaction,
  clock: ClockName,
  customerId: string,
  at: Instant,
): Promise<void> =>
  enqueueJob(tx, "core_jobs", {
    clock,
    kind: "evaluate-thresholds",
    key: customerId,
    subject: customerId,
    payload: { customerId },
    dueAt: instantText(at),
  });
