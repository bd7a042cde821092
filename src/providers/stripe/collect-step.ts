import type Stripe from "stripe";
import type { ExternalState, ProviderRequest, Step } from "../delivery-step.ts";
import type { StripeDocument } from "./document.ts";

/** Charges the customer's default payment method for the invoice, now. */
export const toPay = (id: string, isOnSession: boolean): ProviderRequest => ({
  method: "POST",
  path: `/v1/invoices/${id}/pay`,
  params: { off_session: !isOnSession },
});

/**
 * From a finalized invoice on: one attempt to pay it when it is to be collected at once. Whatever
 * comes of that attempt is the outcome; nobody tries again (Stripe docs: "Pay an invoice").
 */
export function collect(
  { collection }: StripeDocument,
  invoice: Stripe.Invoice,
  external: ExternalState,
): Step {
  const isUntried =
    invoice.status === "open" && invoice.attempt_count === 0 && invoice.amount_paid === 0;
  if (collection === undefined || !isUntried) return { step: "done", external };
  return {
    step: "write",
    name: "pay",
    request: toPay(external.externalId, collection.isOnSession),
    mayBeDeclined: true,
  };
}

/**
 * From whatever stands at Stripe to an invoice that nobody can pay any more. One that was paid in the
 * meantime stays paid: only money back could undo that.
 */
export function takeBack(invoice: Stripe.Invoice, external: ExternalState): Step {
  const path = `/v1/invoices/${external.externalId}`;
  if (invoice.status === "draft") {
    return { step: "write", name: "delete", request: { method: "DELETE", path, params: {} } };
  }
  if (invoice.status === "open" || invoice.status === "uncollectible") {
    const request = { method: "POST", path: `${path}/void`, params: {} } as const;
    return { step: "write", name: "void", request };
  }
  return { step: "done", external };
}
