import type Stripe from "stripe";
import type { ExternalState, Known } from "../delivery-step.ts";
import type { NamedDocument } from "../verified-event.ts";
import type { StripeDocument } from "./document.ts";
import { fromReadError, isMissing } from "./errors.ts";
import { ITEMS_PATH, type PendingObserved, toItemsExternal } from "./pending-items-step.ts";
import { findItems } from "./webhooks.ts";

const PAGE = 100;

/** Whether a provider's id is one of an item that stands for all items of a document. */
export const isItemId = (externalId: string): boolean => externalId.startsWith("ii_");

/** Every item of ours, wherever it is: the list, unlike the search, does not lag behind writes. */
async function listOurs(
  stripe: Stripe,
  { customer, invoiceId, revises }: StripeDocument,
  { externalId, begun }: Known,
): Promise<Stripe.InvoiceItem[]> {
  const mayStand = externalId !== undefined || begun.some(({ path }) => path === ITEMS_PATH);
  if (!mayStand && !revises) return [];
  const items: Stripe.InvoiceItem[] = [];
  for await (const item of stripe.invoiceItems.list({ customer, limit: PAGE })) {
    if (item.metadata?.ledgerline_invoice_id === invoiceId) items.push(item);
  }
  return items;
}

const retrieveInvoice = async (
  stripe: Stripe,
  invoice: Stripe.InvoiceItem["invoice"] | undefined,
): Promise<Stripe.Invoice | undefined> =>
  invoice === null || invoice === undefined
    ? undefined
    : stripe.invoices.retrieve(typeof invoice === "string" ? invoice : (invoice.id ?? ""));

/** What stands at Stripe of a document without an invoice of its own. Throws ProviderReadError. */
export async function observePendingItems(
  stripe: Stripe,
  document: StripeDocument,
  known: Known,
): Promise<PendingObserved> {
  try {
    const items = await listOurs(stripe, document, known);
    const taken = items.find(({ invoice }) => invoice !== null);
    return { items, invoice: await retrieveInvoice(stripe, taken?.invoice), known };
  } catch (error) {
    throw fromReadError(error);
  }
}

/** The present state of items by the first of them, or undefined when it was deleted. Throws ProviderReadError. */
export async function fetchPendingItems(
  stripe: Stripe,
  externalId: string,
): Promise<ExternalState | undefined> {
  try {
    const { invoice } = await stripe.invoiceItems.retrieve(externalId);
    return toItemsExternal(externalId, await retrieveInvoice(stripe, invoice));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fromReadError(error);
  }
}

/** The documents of ours whose items are on an invoice: the first item of each. Throws ProviderReadError. */
export async function listCarriedItems(
  stripe: Stripe,
  invoiceId: string,
): Promise<readonly NamedDocument[]> {
  const lines: Stripe.InvoiceLineItem[] = [];
  try {
    for await (const line of stripe.invoices.listLineItems(invoiceId, { limit: PAGE })) {
      lines.push(line);
    }
  } catch (error) {
    // What was on it is known by its own ids.
    if (isMissing(error)) return [];
    throw fromReadError(error);
  }
  return findItems(lines);
}
