import type { NamedRequest, Step } from "../delivery-step.ts";
import type { StripeDocument } from "./document.ts";
import { type FoundInvoice, includesPath, invoicePath } from "./observed.ts";

/** Has Stripe mail the invoice to its customer. */
export const toSend = (id: string): NamedRequest => ({
  name: "send",
  request: { method: "POST", path: `/v1/invoices/${id}/send`, params: {} },
});

/** Lets Stripe follow up on the invoice: remind of it, and tell when it is overdue. */
export const toFollowUp = (id: string): NamedRequest => ({
  name: "follow-up",
  request: { method: "POST", path: `/v1/invoices/${id}`, params: { auto_advance: true } },
});

/**
 * Mails an invoice that we finalized, once. Stripe mails what is finalized with `auto_advance` by
 * itself where the account is set so: it is finalized without, and the switch comes after the mail.
 * Whether it was mailed is not seen in the invoice, only in what we sent. undefined: all is done.
 */
export function send(document: StripeDocument, { invoice, known }: FoundInvoice): Step | undefined {
  if (!document.sends || document.collection !== undefined) return undefined;
  if (invoice.status !== "open" && invoice.status !== "paid") return undefined;
  const id = invoice.id ?? "";
  const isOurs = includesPath(known.begun, `${invoicePath(invoice)}/finalize`);
  const mail = toSend(id);
  if (isOurs && !includesPath(known.accepted, mail.request.path)) return { step: "write", ...mail };
  const wasFollowed = known.accepted.some(
    ({ path, params }) => path === invoicePath(invoice) && params.auto_advance === true,
  );
  if (!isOurs || wasFollowed || invoice.status !== "open" || invoice.auto_advance) return undefined;
  return { step: "write", ...toFollowUp(id) };
}
