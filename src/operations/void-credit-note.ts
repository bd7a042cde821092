import type { CoreTransaction } from "../db/database.ts";
import { sum, toText } from "../domain/decimal.ts";
import { addDrawDowns } from "../domain/invoices/billed-usage.ts";
import { instantText } from "../domain/time.ts";
import { conflict, invalid } from "../errors.ts";
import { listNoteDeliveries, updateNoteDelivery } from "../store/credit-note-deliveries.ts";
import { type CreditNote, getCreditNote, markNotesVoid } from "../store/credit-notes.ts";
import { servableBalances } from "../store/segment-balances.ts";
import { announceCreditNote } from "./announce-credit-note.ts";
import type { OperationContext } from "./context.ts";
import { inTurnOf } from "./in-turn-of.ts";
import { postReturned } from "./post-returned.ts";
import { enqueueNoteDelivery } from "./send-credit-note.ts";

/**
 * Takes a credit note back: its invoice counts in full again, and what the note gave back to commits
 * is taken from them again. Throws AppError (invalid, conflict) for a void one, one that corrects
 * late usage, and when a balance has been used meanwhile; not found.
 */
export async function voidCreditNote(ctx: OperationContext, id: string): Promise<CreditNote> {
  const { invoiceId } = await getCreditNote(ctx.db, ctx.environment.id, id);
  return inTurnOf(ctx, invoiceId, async (tx) => {
    const note = await getCreditNote(tx, ctx.environment.id, id);
    if (note.status === "VOID") throw invalid(`Credit note ${id} is void already`, "id");
    if (note.correctionId !== null) {
      throw conflict(
        `Credit note ${id} corrects late usage and stays; bill what is missing by another invoice`,
        "credit_note_of_correction",
      );
    }
    await takeAgain(tx, ctx, note);
    await markNotesVoid(tx, [id], instantText(ctx.now));
    await takeBackDelivery(tx, ctx, note);
    await announceCreditNote(tx, ctx, "credit_note.voided", note);
    return getCreditNote(tx, ctx.environment.id, id);
  });
}

/** What stands at the provider is voided there; what is not there yet does not go there. */
async function takeBackDelivery(
  tx: CoreTransaction,
  ctx: OperationContext,
  { id, customerId }: CreditNote,
): Promise<void> {
  const updatedAt = instantText(ctx.now);
  for (const delivery of (await listNoteDeliveries(tx, [id])).get(id) ?? []) {
    if (delivery.status === "SKIPPED") continue;
    await updateNoteDelivery(tx, delivery, { status: "QUEUED", error: null, updatedAt });
    await enqueueNoteDelivery(tx, ctx, delivery, customerId);
  }
}

async function takeAgain(
  tx: CoreTransaction,
  ctx: OperationContext,
  note: CreditNote,
): Promise<void> {
  const at = ctx.now;
  const returned = addDrawDowns(
    note.lines.flatMap((line) => (line.returned === null ? [] : [{ ...line.returned, at }])),
  );
  const balances = await servableBalances(
    tx,
    returned.map(({ segmentId }) => segmentId),
  );
  for (const { segmentId, commitId, amount } of returned) {
    const left = balances.get(segmentId) ?? sum([]);
    if (amount.lte(left)) continue;
    throw conflict(
      `Credit note ${note.id} gave ${toText(amount)} back to commit ${commitId}, of which ${toText(left)} is left`,
      "balance_used",
    );
  }
  await postReturned(
    tx,
    ctx,
    note,
    returned.map((one) => ({ ...one, amount: one.amount.neg() })),
  );
}
