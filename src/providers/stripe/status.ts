import type Stripe from "stripe";
import { instantText, Temporal } from "../../domain/time.ts";
import type { ExternalState } from "../provider.ts";

/**
 * Our word for the state of a Stripe invoice, from the object itself and never from an event
 * (Stripe docs: "Status transitions and finalization"). null: a draft, which has no status yet.
 */
export function toExternalStatus(invoice: Stripe.Invoice): string | null {
  switch (invoice.status) {
    case "paid":
      return "PAID";
    case "void":
      return "VOID";
    case "uncollectible":
      return "UNCOLLECTIBLE";
    case "open":
      if (invoice.amount_paid > 0) return "PARTIALLY_PAID";
      return invoice.attempt_count > 0 ? "PAYMENT_FAILED" : "FINALIZED";
    default:
      return null;
  }
}

/** What we keep of the provider's document beside our own invoice. */
export function toExternalState(invoice: Stripe.Invoice): ExternalState {
  const finalizedAt = invoice.status_transitions.finalized_at ?? invoice.created;
  return {
    externalId: invoice.id ?? "",
    status: toExternalStatus(invoice),
    details: {
      number: invoice.number,
      pdf_url: invoice.invoice_pdf ?? null,
      hosted_url: invoice.hosted_invoice_url ?? null,
      issued_at: instantText(Temporal.Instant.fromEpochMilliseconds(finalizedAt * 1000)),
      currency: invoice.currency,
      total_minor: invoice.total,
      subtotal_minor: invoice.subtotal,
    },
  };
}
