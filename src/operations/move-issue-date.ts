import { instant, instantText, isAfter, isBefore } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import { findContractEnd } from "../store/invoice-contracts.ts";
import { updateIssueDate } from "../store/invoice-review.ts";
import type { OperationContext } from "./context.ts";
import { enqueueFinalizations } from "./enqueue-finalization.ts";
import { inTurnOf } from "./in-turn-of.ts";

/**
 * Gives one draft another date of issue; what the terms schedule stays (Metronome API: "Update invoice
 * issue date"). It is finalized then, with that date. A usage invoice is not issued before its period
 * is over. Throws AppError (invalid) naming `issue_date`, not found.
 */
export const moveIssueDate = (ctx: OperationContext, id: string, issueAt: string): Promise<void> =>
  inTurnOf(ctx, id, async (tx, { status, contractId, customerId, endAt }) => {
    if (status !== "DRAFT") {
      throw invalid(`Invoice ${id} is ${status}: only a draft gets another date`, "invoice_id");
    }
    const at = instant(issueAt);
    if (endAt !== null && isBefore(at, instant(endAt))) {
      throw invalid(`issue_date must not be before the period's end, ${endAt}`, "issue_date");
    }
    const contractEnd = await findContractEnd(tx, contractId);
    if (contractEnd !== null && isAfter(at, instant(contractEnd))) {
      throw invalid(
        `issue_date must not be after the contract's end, ${contractEnd}`,
        "issue_date",
      );
    }
    await updateIssueDate(tx, id, instantText(at));
    await enqueueFinalizations(tx, ctx, [{ id, customerId, dueAt: instantText(at) }]);
  });
