import type Stripe from "stripe";
import type { ExternalPayment, PaymentError } from "../../domain/payments/workflow.ts";
import { instantText, Temporal } from "../../domain/time.ts";
import type { ExternalState } from "../delivery-step.ts";
import { toTaxDetails } from "./tax-step.ts";

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
  const payment = findPayment(invoice);
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
      ...toTaxDetails(invoice),
      ...(payment?.paymentId == null ? {} : { external_payment_id: payment.paymentId }),
    },
    payment,
  };
}

/** The newest payment of the invoice, when the invoice was read with its payments. */
function findPayment(invoice: Stripe.Invoice): ExternalPayment | undefined {
  const payments = invoice.payments?.data ?? [];
  const live = payments.find(({ status }) => status !== "canceled") ?? payments[0];
  const intent = live?.payment.payment_intent;
  if (intent === undefined || intent === null) return undefined;
  if (typeof intent === "string") return { paymentId: intent, needsAction: false, error: null };
  return toPaymentState(intent);
}

/** Whether the payer must act, and why the latest attempt failed. */
export const toPaymentState = (intent: Stripe.PaymentIntent): ExternalPayment => ({
  paymentId: intent.id,
  needsAction: intent.status === "requires_action",
  error: toPaymentError(intent.last_payment_error),
});

function toPaymentError(error: Stripe.PaymentIntent["last_payment_error"]): PaymentError | null {
  if (error === null) return null;
  return {
    type: error.type,
    code: error.code ?? null,
    declineCode: error.decline_code ?? null,
    message: error.message ?? "The payment failed.",
  };
}
