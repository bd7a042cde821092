import type Stripe from "stripe";
import type { AcceptedWrite, Known } from "../delivery-step.ts";
import type { StripeDocument } from "./document.ts";
import type { StripeObserved } from "./observed.ts";
import { CREATE_PATH } from "./to-requests.ts";

const FINALIZE = /^\/v1\/invoices\/[^/]+\/finalize$/;

const isInvoice = (reply: unknown): reply is Stripe.Invoice =>
  (reply as Partial<Stripe.Invoice> | null)?.object === "invoice";

/**
 * What stands at Stripe after a write, by its reply: after the creation the draft with no lines yet,
 * after the finalization the invoice with the lines that were read back right before. After lines were
 * added everything is read back; so it is when the reply leaves out what we keep, the payments. Pure.
 */
export function afterWrite(
  document: StripeDocument,
  before: StripeObserved,
  { request: { path }, reply }: AcceptedWrite,
  known: Known,
): StripeObserved | undefined {
  if (!isInvoice(reply) || document.collection !== undefined) return undefined;
  if (path === CREATE_PATH && !reply.lines.has_more) {
    return { state: "found", invoice: reply, lines: reply.lines.data, known };
  }
  const isUnpaid = reply.status === "open" && reply.attempt_count === 0 && reply.amount_paid === 0;
  if (!FINALIZE.test(path) || before.state !== "found" || !isUnpaid) return undefined;
  return { state: "found", invoice: reply, lines: before.lines, known };
}
