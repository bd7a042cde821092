import type Stripe from "stripe";
import type { Standing } from "../../../domain/reconciliation/stray.ts";
import type { ExternalState } from "../../delivery-step.ts";
import type { DeliveredNote } from "../../reconciliation.ts";
import { fromReadError, isMissing } from "../errors.ts";
import { isPaymentId } from "../observe-payment.ts";
import { fetchPendingItems, isItemId } from "../observe-pending-items.ts";
import { toPaymentExternal } from "../payment-step.ts";
import { toExternalState } from "../status.ts";

const PAGE = 100;
/** Who it is billed to, whether they still exist, and every payment with what it came to. */
const EXPANDED = ["customer", "payments.data.payment.payment_intent"];

/** An invoice as it stands at Stripe, whole. */
export interface InspectedInvoice {
  readonly state: "invoice";
  readonly invoice: Stripe.Invoice;
  readonly lines: readonly Stripe.InvoiceLineItem[];
  readonly notes: readonly Stripe.CreditNote[];
}

export type Inspected =
  | { readonly state: "missing" }
  | InspectedInvoice
  | { readonly state: "payment"; readonly intent: Stripe.PaymentIntent }
  /** Lines that were left as items for an invoice of somebody else: they are there, or invoiced. */
  | { readonly state: "items"; readonly external: ExternalState };

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const isCredited = (invoice: Stripe.Invoice): boolean =>
  invoice.pre_payment_credit_notes_amount > 0 || invoice.post_payment_credit_notes_amount > 0;

/**
 * A document as it stands at Stripe, with every line. Credit notes are read when there are any, or when
 * there should be. Throws ProviderReadError.
 */
export async function inspectDocument(
  stripe: Stripe,
  id: string,
  ours: readonly DeliveredNote[],
): Promise<Inspected> {
  try {
    if (isPaymentId(id)) {
      return { state: "payment", intent: await stripe.paymentIntents.retrieve(id) };
    }
    if (isItemId(id)) {
      const external = await fetchPendingItems(stripe, id);
      return external === undefined ? { state: "missing" } : { state: "items", external };
    }
    const invoice = await stripe.invoices.retrieve(id, { expand: EXPANDED });
    const lines = invoice.lines.has_more
      ? await collect(stripe.invoices.listLineItems(id, { limit: PAGE }))
      : invoice.lines.data;
    const notes =
      ours.length > 0 || isCredited(invoice)
        ? await collect(stripe.creditNotes.list({ invoice: id, limit: PAGE }))
        : [];
    return { state: "invoice", invoice, lines, notes };
  } catch (error) {
    if (isMissing(error)) return { state: "missing" };
    throw fromReadError(error);
  }
}

/** What can still be done about an invoice; one that is paid in part cannot be voided. */
export function standingOfInvoice({
  status,
  amount_paid: paid,
}: Pick<Stripe.Invoice, "status" | "amount_paid">): Standing {
  if (status === "draft") return "draft";
  if (status === "void") return "closed";
  return status === "paid" || paid > 0 ? "paid" : "open";
}

export function standingOfPayment({ status }: Pick<Stripe.PaymentIntent, "status">): Standing {
  if (status === "canceled") return "closed";
  return status === "succeeded" || status === "processing" ? "paid" : "open";
}

/** The same of whatever was inspected. */
export function standingOf(observed: Inspected): Standing {
  if (observed.state === "missing") return "missing";
  if (observed.state === "items") return "open";
  return observed.state === "invoice"
    ? standingOfInvoice(observed.invoice)
    : standingOfPayment(observed.intent);
}

/** What we keep of it. */
export function externalOf(observed: Inspected): ExternalState | undefined {
  if (observed.state === "missing") return undefined;
  if (observed.state === "items") return observed.external;
  return observed.state === "invoice"
    ? toExternalState(observed.invoice)
    : toPaymentExternal(observed.intent);
}
