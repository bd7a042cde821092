import type Stripe from "stripe";
import type { ExternalState } from "../provider.ts";
import type { StripeDocument } from "./document.ts";
import { fromReadError, isMissing } from "./errors.ts";
import type { StripeObserved } from "./next-step.ts";
import { toExternalState } from "./status.ts";

const PAGE = 100;

async function findInvoice(
  stripe: Stripe,
  document: StripeDocument,
  known: { externalId: string | undefined; search: boolean },
): Promise<Stripe.Invoice | undefined> {
  if (known.externalId !== undefined) return stripe.invoices.retrieve(known.externalId);
  if (!known.search) return undefined;
  // The search endpoint lags behind writes, so it proves nothing; the list does not.
  const listed = stripe.invoices.list({ customer: document.customer, limit: PAGE });
  for await (const invoice of listed) {
    if (invoice.metadata?.ledgerline_invoice_id === document.invoiceId) return invoice;
  }
  return undefined;
}

async function listLines(
  stripe: Stripe,
  invoice: Stripe.Invoice,
): Promise<Stripe.InvoiceLineItem[]> {
  if (!invoice.lines.has_more) return invoice.lines.data;
  const lines: Stripe.InvoiceLineItem[] = [];
  for await (const line of stripe.invoices.listLineItems(invoice.id ?? "", { limit: PAGE })) {
    lines.push(line);
  }
  return lines;
}

/** What stands at Stripe for this document. Throws ProviderReadError. */
export async function observeInvoice(
  stripe: Stripe,
  document: StripeDocument,
  known: { externalId: string | undefined; search: boolean },
): Promise<StripeObserved> {
  try {
    const invoice = await findInvoice(stripe, document, known);
    if (invoice === undefined) return { exists: false };
    return { exists: true, invoice, lines: await listLines(stripe, invoice) };
  } catch (error) {
    throw fromReadError(error);
  }
}

/** The present state of an invoice, or undefined when it was deleted. Throws ProviderReadError. */
export async function fetchInvoice(
  stripe: Stripe,
  externalId: string,
): Promise<ExternalState | undefined> {
  try {
    return toExternalState(await stripe.invoices.retrieve(externalId));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fromReadError(error);
  }
}
