import type Stripe from "stripe";
import type { DeliverableCreditNote } from "../credit-notes.ts";
import type { ActingStep } from "../delivery-step.ts";

/** What stands at Stripe: the credited invoice, and our note of it. */
export interface StripeNoteObserved {
  /** undefined: Stripe does not have it any more. */
  readonly invoice: Pick<Stripe.Invoice, "status" | "amount_remaining"> | undefined;
  readonly note: Pick<Stripe.CreditNote, "id" | "status"> | undefined;
}

/** Metadata by which our note is found again. */
export const NOTE_KEY = "ledgerline_credit_note_id";

const PATH = "/v1/credit_notes";

/** The reasons that Stripe knows; others are only in the memo. */
const REASONS = new Set(["duplicate", "fraudulent", "order_change", "product_unsatisfactory"]);

const refuse = (code: string, message: string): ActingStep => ({ step: "refuse", code, message });

const done = (externalId: string, status: string): ActingStep => ({
  step: "done",
  external: { externalId, status, details: {} },
});

/**
 * The next step towards a credit note at Stripe (Stripe docs: "Credit notes"). Of an open invoice it
 * lowers what is due; what is paid already goes to the customer's balance there.
 */
export function nextNoteStep(
  note: DeliverableCreditNote,
  { invoice, note: found }: StripeNoteObserved,
): ActingStep {
  if (found !== undefined) return fromFound(note, found);
  if (note.wanted === "void") return done("", "VOID");
  if (invoice === undefined) {
    return refuse("invoice_missing", "Stripe does not have the credited invoice any more.");
  }
  if (invoice.status === "draft") {
    return refuse(
      "invoice_not_final",
      "The credited invoice is a draft at Stripe: finalize it there and retry.",
    );
  }
  if (invoice.status === "void") {
    return refuse("invoice_void", "The credited invoice is void at Stripe: nobody has to pay it.");
  }
  return { step: "write", name: "credit", request: toRequest(note, invoice) };
}

function fromFound(
  { wanted }: DeliverableCreditNote,
  { id, status }: NonNullable<StripeNoteObserved["note"]>,
): ActingStep {
  if (wanted === "void") {
    if (status === "void") return done(id, "VOID");
    const request = { method: "POST", path: `${PATH}/${id}/void`, params: {} } as const;
    return { step: "write", name: "void", request };
  }
  return status === "void"
    ? refuse("voided_at_stripe", `Credit note ${id} was voided at Stripe.`)
    : done(id, "ISSUED");
}

function toRequest(
  { id, amountMinor, externalInvoiceId, reason, memo }: DeliverableCreditNote,
  invoice: NonNullable<StripeNoteObserved["invoice"]>,
) {
  const amount = Number(amountMinor);
  const paid = Math.max(0, amount - invoice.amount_remaining);
  return {
    method: "POST",
    path: PATH,
    params: {
      invoice: externalInvoiceId,
      amount,
      ...(paid === 0 ? {} : { credit_amount: paid }),
      ...(REASONS.has(reason) ? { reason } : {}),
      ...(memo === null ? {} : { memo }),
      metadata: { [NOTE_KEY]: id },
    },
  } as const;
}
