import type Stripe from "stripe";
import { instantText, Temporal } from "../../domain/time.ts";
import type { ActingStep, ExternalState, ProviderRequest } from "../delivery-step.ts";
import type { StripePayment } from "./document.ts";
import { toPaymentState } from "./status.ts";

/** What stands at Stripe: no payment yet, with what could pay it, or the payment. */
export type PaymentObserved =
  | { readonly state: "none"; readonly paymentMethod: string | undefined }
  | { readonly state: "found"; readonly intent: Stripe.PaymentIntent };

export const PAYMENTS_PATH = "/v1/payment_intents";
/** The step that asks for money, whether by an invoice or without one. */
export const PAY = "pay";

/** Creates the payment and confirms it in one call (Stripe docs: "Create a PaymentIntent"). */
export const toCreatePayment = (
  document: StripePayment,
  paymentMethod: string,
): ProviderRequest => ({
  method: "POST",
  path: PAYMENTS_PATH,
  params: {
    amount: Number(document.amountMinor),
    currency: document.currency,
    customer: document.customer,
    payment_method: paymentMethod,
    automatic_payment_methods: { enabled: true, allow_redirects: "never" },
    confirm: true,
    // Without a payer who is there, nobody could confirm it later.
    off_session: !document.collection.isOnSession,
    description: document.description,
    metadata: document.metadata,
  },
});

const STATUSES: Readonly<Record<string, string>> = {
  succeeded: "PAID",
  canceled: "VOID",
  requires_payment_method: "PAYMENT_FAILED",
  requires_action: "PAYMENT_FAILED",
  requires_confirmation: "FINALIZED",
  requires_capture: "FINALIZED",
  processing: "FINALIZED",
};

/** The payment in the words that documents have. */
export const toPaymentExternal = (intent: Stripe.PaymentIntent): ExternalState => ({
  externalId: intent.id,
  status: STATUSES[intent.status] ?? null,
  details: {
    external_payment_id: intent.id,
    issued_at: instantText(Temporal.Instant.fromEpochMilliseconds(intent.created * 1000)),
    currency: intent.currency,
    total_minor: intent.amount,
    subtotal_minor: intent.amount,
  },
  payment: toPaymentState(intent),
});

/** Stripe takes these back; what succeeded or is being processed it does not. */
const CANCELABLE: ReadonlySet<Stripe.PaymentIntent.Status> = new Set([
  "requires_payment_method",
  "requires_action",
  "requires_confirmation",
  "requires_capture",
]);

/**
 * From whatever stands at Stripe to the next step: one attempt to collect, or taking it back. A
 * payment of another amount is nobody's of ours and is reported. Pure.
 */
export function nextPaymentStep(document: StripePayment, observed: PaymentObserved): ActingStep {
  const isWanted = document.collection.wanted === "paid";
  if (observed.state === "none") {
    if (!isWanted) {
      const message = "There is no payment at Stripe that could be taken back.";
      return { step: "refuse", code: "payment_missing", message };
    }
    const { paymentMethod } = observed;
    if (paymentMethod === undefined) {
      const message = `The Stripe customer ${document.customer} has no default payment method.`;
      return { step: "refuse", code: "payment_method_missing", message };
    }
    const request = toCreatePayment(document, paymentMethod);
    return { step: "write", name: PAY, request, mayBeDeclined: true };
  }
  const { intent } = observed;
  const external = toPaymentExternal(intent);
  if (isWanted && (BigInt(intent.amount) !== document.amountMinor || !isOf(document, intent))) {
    const message = `The Stripe payment ${intent.id} is of ${intent.amount} ${intent.currency} instead of ${document.amountMinor} ${document.currency}.`;
    return { step: "refuse", code: "provider_payment_differs", message, external };
  }
  if (isWanted || !CANCELABLE.has(intent.status)) return { step: "done", external };
  const path = `${PAYMENTS_PATH}/${intent.id}/cancel`;
  const request = { method: "POST", path, params: { cancellation_reason: "abandoned" } } as const;
  return { step: "write", name: "cancel", request };
}

const isOf = ({ customer, currency }: StripePayment, intent: Stripe.PaymentIntent): boolean => {
  const payer = typeof intent.customer === "string" ? intent.customer : intent.customer?.id;
  return payer === customer && intent.currency === currency;
};
