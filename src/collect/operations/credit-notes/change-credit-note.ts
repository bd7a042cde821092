import { faultPoint } from "../../../platform/fault-points.ts";
import { mergeMetadata } from "../../domain/metadata.ts";
import { refused } from "../../errors.ts";
import type { Scope } from "../../scope.ts";
import { getCreditNote, lockCreditNote, updateCreditNote } from "../../store/credit-notes.ts";
import { lockInvoice, updateInvoice } from "../../store/invoices.ts";
import { previousAttributes } from "../changes.ts";
import { lowerPayment } from "../invoice-payment.ts";
import { recordEvent } from "../record-event.ts";
import { recordInvoiceChange } from "../record-invoice-change.ts";
import { renderInvoice } from "../render-invoice.ts";
import { renderCreditNote, type WireCreditNote } from "./render-credit-note.ts";

export interface CreditNoteChanges {
  readonly memo?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | null | undefined;
}

/** Changes a note's memo or metadata; its amounts never change. Throws 404. */
export async function changeCreditNote(
  scope: Scope,
  id: string,
  { memo, metadata }: CreditNoteChanges,
): Promise<WireCreditNote> {
  const before = await lockCreditNote(scope, id);
  const after = await updateCreditNote(scope, id, {
    memo: memo ?? before.memo,
    metadata: JSON.stringify(mergeMetadata(before.metadata, metadata)),
  });
  const object = await renderCreditNote(scope, after);
  const previous = previousAttributes(await renderCreditNote(scope, before), object);
  if (previous !== undefined) {
    recordEvent(scope, { type: "credit_note.updated", object, previousAttributes: previous });
  }
  return object;
}

/**
 * Voids a note of an invoice that is still open: what it took back is to be paid again (Stripe docs:
 * Void a credit note). Throws 400 when money has moved for it, or its invoice is closed.
 */
export async function voidCreditNote(scope: Scope, id: string): Promise<WireCreditNote> {
  const invoice = await lockInvoice(scope, (await getCreditNote(scope, id)).invoice);
  const note = await lockCreditNote(scope, id);
  if (note.status === "void") {
    throw refused("status_transition_invalid", "This credit note is void already.");
  }
  if (invoice.status !== "open" || note.before_payment_minor !== note.total_minor) {
    throw refused(
      "status_transition_invalid",
      "You can only void a credit note of an invoice that is still open, and that gave nothing back.",
    );
  }
  const shown = await renderInvoice(scope, invoice);
  const row = await updateCreditNote(scope, id, { status: "void", voided_at: scope.nowAt });
  const object = await renderCreditNote(scope, row);
  recordEvent(scope, { type: "credit_note.voided", object });
  faultPoint("collect/credit-note/voided");
  const raised = await updateInvoice(scope, invoice.id, {
    amount_due_minor: (invoice.amount_due_minor ?? 0n) + note.total_minor,
    credited_before_minor: invoice.credited_before_minor - note.total_minor,
  });
  await lowerPayment(scope, raised);
  await recordInvoiceChange(scope, shown, raised);
  return object;
}
