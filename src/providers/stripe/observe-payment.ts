import type Stripe from "stripe";
import type { ExternalState, Known } from "../delivery-step.ts";
import type { StripePayment } from "./document.ts";
import { fromReadError, isMissing } from "./errors.ts";
import { PAYMENTS_PATH, type PaymentObserved, toPaymentExternal } from "./payment-step.ts";

const PAGE = 100;

/** Whether a provider's id is one of a payment without an invoice. */
export const isPaymentId = (externalId: string): boolean => externalId.startsWith("pi_");

/** The payment that a creation of unknown or refused outcome may have left: a declined one stands. */
async function findCreated(
  stripe: Stripe,
  { customer, invoiceId }: StripePayment,
  { begun }: Known,
): Promise<Stripe.PaymentIntent | undefined> {
  if (!begun.some(({ path }) => path === PAYMENTS_PATH)) return undefined;
  for await (const intent of stripe.paymentIntents.list({ customer, limit: PAGE })) {
    if (intent.metadata.ledgerline_invoice_id === invoiceId) return intent;
  }
  return undefined;
}

/** The customer's default payment method. */
async function findPaymentMethod(stripe: Stripe, customer: string): Promise<string | undefined> {
  const found = await stripe.customers.retrieve(customer);
  if (found.deleted) return undefined;
  const method = found.invoice_settings.default_payment_method;
  return typeof method === "string" ? method : method?.id;
}

/** What stands at Stripe for this payment. Throws ProviderReadError. */
export async function observePayment(
  stripe: Stripe,
  document: StripePayment,
  known: Known,
): Promise<PaymentObserved> {
  try {
    const intent =
      known.externalId === undefined
        ? await findCreated(stripe, document, known)
        : await stripe.paymentIntents.retrieve(known.externalId);
    if (intent !== undefined) return { state: "found", intent };
    return { state: "none", paymentMethod: await findPaymentMethod(stripe, document.customer) };
  } catch (error) {
    throw fromReadError(error);
  }
}

/** The present state of a payment, or undefined when Stripe does not have it. Throws ProviderReadError. */
export async function fetchPayment(
  stripe: Stripe,
  externalId: string,
): Promise<ExternalState | undefined> {
  try {
    return toPaymentExternal(await stripe.paymentIntents.retrieve(externalId));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fromReadError(error);
  }
}
