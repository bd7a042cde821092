import type { CoreTransaction } from "../db/database.ts";
import { isPositive, toText, ZERO } from "../domain/decimal.ts";
import { addDrawDowns } from "../domain/invoices/billed-usage.ts";
import type { DrawDown } from "../domain/invoices/invoice.ts";
import { uuidV5 } from "../domain/invoices/invoice-id.ts";
import { instantText } from "../domain/time.ts";
import { insertLedgerEntry } from "../store/commit-ledger.ts";
import { DEDUCTION, GIVEN_BACK } from "../store/freeze-invoice.ts";
import type { OperationContext } from "./context.ts";

/**
 * Posts what a credit note gives back to commits and credits, an entry for each segment; a negative
 * amount is taken.
 */
export async function postReturned(
  tx: CoreTransaction,
  ctx: OperationContext,
  note: { readonly id: string; readonly invoiceId: string },
  returned: readonly Omit<DrawDown, "at">[],
): Promise<void> {
  const at = ctx.now;
  for (const one of addDrawDowns(returned.map((value) => ({ ...value, at })))) {
    if (one.amount.eq(ZERO)) continue;
    const types = isPositive(one.amount) ? GIVEN_BACK : DEDUCTION;
    const isManual = types[one.commitType] === GIVEN_BACK.POSTPAID;
    await insertLedgerEntry(tx, {
      id: uuidV5(note.id, `${types[one.commitType]}/${one.segmentId}`),
      commit_id: one.commitId,
      segment_id: one.segmentId,
      type: types[one.commitType],
      amount: toText(one.amount),
      entered_at: instantText(at),
      invoice_id: note.invoiceId,
      credit_note_id: note.id,
      reason: isManual ? `Credit note ${note.id}` : null,
    });
  }
}

/** Posts what a credit note changes of what true-ups billed; a negative amount is billed more. */
export async function postTrueUps(
  tx: CoreTransaction,
  ctx: OperationContext,
  note: { readonly id: string; readonly invoiceId: string },
  trueUps: readonly DrawDown[],
): Promise<void> {
  for (const { segmentId, commitId, amount } of trueUps) {
    await insertLedgerEntry(tx, {
      id: uuidV5(note.id, `true-up/${segmentId}`),
      commit_id: commitId,
      segment_id: segmentId,
      type: "POSTPAID_COMMIT_TRUEUP",
      amount: toText(amount),
      entered_at: instantText(ctx.now),
      invoice_id: note.invoiceId,
      credit_note_id: note.id,
      reason: null,
    });
  }
}
