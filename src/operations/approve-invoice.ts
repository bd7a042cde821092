import type { CoreTransaction } from "../db/database.ts";
import { reviewHash } from "../domain/invoices/review-hash.ts";
import { instant, instantText, isAfter } from "../domain/time.ts";
import { assert, conflict, invalid } from "../errors.ts";
import { updateApproval } from "../store/invoice-review.ts";
import type { InvoiceRecord } from "../store/invoices.ts";
import type { OperationContext } from "./context.ts";
import { inTurnOf } from "./in-turn-of.ts";
import { rateDrafts } from "./rate-drafts.ts";
import { resumeFinalization } from "./resume-finalization.ts";

/**
 * Approves a draft as it is now. It is finalized when its grace is over, if it is still the same then;
 * when it has changed, it waits for approval again. Approving it again approves what it is now. Throws
 * AppError (invalid, conflict) for what is no draft, is locked, or whose period still runs, not found.
 */
export const approveInvoice = (ctx: OperationContext, id: string): Promise<void> =>
  inTurnOf(ctx, id, async (tx, invoice) => {
    refuseApproval(ctx, invoice);
    await approveInTurn(tx, ctx, invoice);
    await resumeFinalization(tx, ctx, invoice.customerId);
  });

/** Notes the approval of a draft that may be approved. */
async function approveInTurn(
  tx: CoreTransaction,
  ctx: OperationContext,
  { id, customerId }: InvoiceRecord,
): Promise<void> {
  const { drafts } = await rateDrafts({ ...ctx, db: tx }, customerId);
  const rated = drafts.find(({ record }) => record.id === id)?.rated;
  assert(rated !== undefined, `draft ${id} is rated`);
  const hash = reviewHash(rated);
  await updateApproval(tx, id, { at: instantText(ctx.now), by: ctx.actor, hash });
}

function refuseApproval(ctx: OperationContext, { id, status, review, endAt }: InvoiceRecord): void {
  if (review.lock !== null) {
    throw conflict(`Invoice ${id} is locked: it is final already`, "invoice_locked");
  }
  if (status !== "DRAFT") {
    throw invalid(`Invoice ${id} is ${status}: only a draft is approved`, "id");
  }
  if (endAt !== null && isAfter(instant(endAt), ctx.now)) {
    throw invalid(
      `The period of invoice ${id} runs until ${endAt}: approve it when its usage is known`,
      "id",
      "period_not_over",
    );
  }
}
