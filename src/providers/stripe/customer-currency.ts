import type { StripeDocument } from "./document.ts";

/** The payer as it stands at Stripe, as far as it decides whether an invoice can be made for it. */
export interface StripePayer {
  readonly deleted: boolean;
  /** Lower case; null: nothing was billed to it yet. */
  readonly currency: string | null;
}

type Billed = Pick<StripeDocument, "customer" | "currency">;

/**
 * Why an invoice in this currency cannot be made for a customer whose currency is set, in words. Stripe
 * bills a customer in one currency at a time (Stripe docs: "Customers", currency).
 */
export function findCurrencyConflict(
  customerCurrency: string | null | undefined,
  { customer, currency }: Billed,
): string | undefined {
  if (customerCurrency == null || customerCurrency.toLowerCase() === currency) return undefined;
  return `The Stripe customer ${customer} is billed in ${customerCurrency.toUpperCase()}, and this invoice is in ${currency.toUpperCase()}. Stripe bills a customer in one currency: give the billing configuration a Stripe customer for ${currency.toUpperCase()}, then retry.`;
}

/** Why no invoice can be made for this payer; undefined: there is no such payer. Before anything is sent. */
export function findUnfitPayer(
  payer: StripePayer | undefined,
  document: Billed,
): { readonly code: string; readonly message: string } | undefined {
  if (payer === undefined || payer.deleted) {
    const what = payer === undefined ? "No such customer" : "A deleted customer";
    return {
      code: "stripe_customer_missing",
      message: `${what}: '${document.customer}'. Give the billing configuration one that exists at Stripe, then retry.`,
    };
  }
  const message = findCurrencyConflict(payer.currency, document);
  return message === undefined ? undefined : { code: "customer_currency_differs", message };
}
