import type { CoreTransaction } from "../db/database.ts";
import { enqueueJobs } from "../platform/jobs/enqueue.ts";
import type { OperationContext } from "./context.ts";

/** A draft and when it is to be finalized, a canonical instant. */
export interface DueDraft {
  readonly id: string;
  readonly customerId: string;
  readonly dueAt: string;
}

/**
 * Lets drafts be finalized when they are due. All invoice work of a customer has the customer as its
 * subject, so it happens in due order.
 */
export const enqueueFinalizations = (
  tx: CoreTransaction,
  ctx: OperationContext,
  drafts: readonly DueDraft[],
): Promise<void> =>
  enqueueJobs(
    tx,
    "core_jobs",
    drafts.map(({ id, customerId, dueAt }) => ({
      clock: ctx.environment.name,
      kind: "finalize-invoice",
      key: id,
      subject: customerId,
      payload: { invoiceId: id, customerId },
      dueAt,
    })),
  );
