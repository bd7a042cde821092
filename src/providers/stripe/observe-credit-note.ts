import type Stripe from "stripe";
import type { DeliverableCreditNote } from "../credit-notes.ts";
import { NOTE_KEY, type StripeNoteObserved } from "./credit-note-step.ts";
import { fromReadError, isMissing } from "./errors.ts";

const PAGE = 100;

/** The invoice and our note of it, as they stand at Stripe. Throws ProviderReadError. */
export async function observeCreditNote(
  stripe: Stripe,
  { id, externalInvoiceId }: DeliverableCreditNote,
): Promise<StripeNoteObserved> {
  try {
    const invoice = await stripe.invoices.retrieve(externalInvoiceId);
    for await (const note of stripe.creditNotes.list({ invoice: externalInvoiceId, limit: PAGE })) {
      if (note.metadata?.[NOTE_KEY] === id) return { invoice, note };
    }
    return { invoice, note: undefined };
  } catch (error) {
    if (isMissing(error)) return { invoice: undefined, note: undefined };
    throw fromReadError(error);
  }
}
