import type Stripe from "stripe";
import type { ExternalState, Known, ProviderRequest } from "../delivery-step.ts";
import type { StripePayer } from "./customer-currency.ts";
import type { StripeDocument } from "./document.ts";
import { fromReadError, isMissing } from "./errors.ts";
import type { StripeObserved } from "./observed.ts";
import { toExternalState } from "./status.ts";
import { CREATE_PATH } from "./to-requests.ts";

const PAGE = 100;
/** Why an invoice was not paid stands at the payment behind it. */
const PAYMENTS = "payments.data.payment.payment_intent";

/** The customers at Stripe for whom an invoice may have been created. */
function billedCustomers(document: StripeDocument, begun: readonly ProviderRequest[]): string[] {
  const created = begun.filter(({ path }) => path === CREATE_PATH);
  // An earlier version of what is revised may have made it.
  if (created.length === 0 && !document.revises) return [];
  const customers = created.map(({ params }) => params.customer);
  const named = customers.filter((id): id is string => typeof id === "string");
  return [...new Set([document.customer, ...named])];
}

/**
 * The invoice that a creation of unknown outcome may have left. The search endpoint lags behind
 * writes, so it proves nothing; the list does not.
 */
async function findCreated(
  stripe: Stripe,
  document: StripeDocument,
  begun: readonly ProviderRequest[],
): Promise<Stripe.Invoice | undefined> {
  for (const customer of billedCustomers(document, begun)) {
    for await (const invoice of stripe.invoices.list({ customer, limit: PAGE })) {
      if (invoice.metadata?.ledgerline_invoice_id !== document.invoiceId) continue;
      // The list leaves out the payments.
      return document.collection === undefined ? invoice : findKnown(stripe, invoice.id ?? "");
    }
  }
  return undefined;
}

async function findKnown(stripe: Stripe, externalId: string): Promise<Stripe.Invoice | undefined> {
  try {
    return await stripe.invoices.retrieve(externalId, { expand: [PAYMENTS] });
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Whom an invoice would be made for, or null when there is no such customer. */
async function findPayer(stripe: Stripe, id: string): Promise<StripePayer | null> {
  try {
    const customer = await stripe.customers.retrieve(id);
    return customer.deleted
      ? { deleted: true, currency: null }
      : { deleted: false, currency: customer.currency ?? null };
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
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
  known: Known,
): Promise<StripeObserved> {
  const { externalId, begun } = known;
  try {
    const invoice =
      externalId === undefined
        ? await findCreated(stripe, document, begun)
        : await findKnown(stripe, externalId);
    if (invoice !== undefined) {
      return { state: "found", invoice, lines: await listLines(stripe, invoice), known };
    }
    return externalId === undefined
      ? { state: "none", payer: await findPayer(stripe, document.customer), known }
      : { state: "deleted", externalId };
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
    const invoice = await findKnown(stripe, externalId);
    return invoice && toExternalState(invoice);
  } catch (error) {
    throw fromReadError(error);
  }
}
