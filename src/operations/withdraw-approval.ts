import { conflict } from "../errors.ts";
import { updateApproval } from "../store/invoice-review.ts";
import type { OperationContext } from "./context.ts";
import { inTurnOf } from "./in-turn-of.ts";

/**
 * Takes the approval of a draft back, so that it waits for one again where approval is asked for. One
 * that is not approved stays as it is. Throws conflict for what is no draft any more; not found.
 */
export const withdrawApproval = (ctx: OperationContext, id: string): Promise<void> =>
  inTurnOf(ctx, id, async (tx, { status, review }) => {
    if (status !== "DRAFT") {
      throw conflict(
        `Invoice ${id} is ${status}: what is final is corrected, and not pending again`,
        "invoice_final",
      );
    }
    if (review.approval !== null) await updateApproval(tx, id, null);
  });
