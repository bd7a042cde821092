import { assertLineCount } from "../domain/invoice-limits.ts";
import { refused } from "../errors.ts";
import type { Scope } from "../scope.ts";
import { lockCustomer } from "../store/customers.ts";
import { type InvoiceItemRow, insertInvoiceItems } from "../store/invoice-items.ts";
import { type InvoiceRow, lockInvoice } from "../store/invoices.ts";
import { ENDED, getSubscription, type SubscriptionRow } from "../store/subscriptions.ts";
import { assertEditable } from "./assert-editable.ts";
import { claimCurrency } from "./customer-currency.ts";
import { refreshTotals } from "./invoice-totals.ts";
import { type NewItem, toNewRows } from "./new-items.ts";
import { recordEvent } from "./record-event.ts";
import { recordInvoiceChange } from "./record-invoice-change.ts";
import { renderInvoice } from "./render-invoice.ts";
import { renderInvoiceItem } from "./render-invoice-item.ts";
import { resolveItems } from "./resolve-items.ts";
import { checkTaxes } from "./totals/check-taxes.ts";

/** Currency of a customer's first billing object when nothing names one. */
export const DEFAULT_CURRENCY = "usd";

export interface ItemRequest extends NewItem {
  readonly customer?: string | undefined;
  /** A draft; undefined = the item stays pending. */
  readonly invoice?: string | undefined;
  /** Whose invoices alone take the item; undefined = any of the customer's. */
  readonly subscription?: string | undefined;
}

/**
 * Adds an item to a draft invoice or, without one, to the customer's pending items, for one of its
 * subscriptions or for any (Stripe docs: Create an invoice item). Throws 400 when the invoice is no
 * draft, is full, or is of something else than what the item names, or in another currency.
 */
export async function createInvoiceItem(
  scope: Scope,
  request: ItemRequest,
): Promise<InvoiceItemRow> {
  const invoice =
    request.invoice === undefined
      ? undefined
      : await lockInvoice(scope, request.invoice, "invoice");
  const named =
    request.subscription === undefined
      ? undefined
      : await getSubscription(scope, request.subscription, "subscription");
  const customerId = request.customer ?? invoice?.customer ?? named?.customer;
  if (customerId === undefined) {
    throw refused("parameter_missing", "Missing required param: customer.", "customer");
  }
  const customer = await lockCustomer(scope, customerId, "customer");
  if (invoice !== undefined) checkInvoice(scope, invoice, customerId);
  // As it is now that nobody else can end it.
  const subscription = named && (await getSubscription(scope, named.id));
  if (subscription !== undefined) checkSubscription(subscription, invoice, customerId);
  const fallback =
    invoice?.currency ?? subscription?.currency ?? customer.currency ?? DEFAULT_CURRENCY;
  const [resolved] = await resolveItems(scope, [request], fallback);
  if (resolved === undefined) throw new Error("One item resolves to one");
  assertSameCurrency("invoice", invoice, resolved.currency);
  assertSameCurrency("subscription", subscription, resolved.currency);
  await claimCurrency(scope, customer, resolved.currency);
  const before = invoice && (await renderInvoice(scope, invoice));
  const place = { customer: customerId, invoice, subscription: subscription?.id, offset: 0 };
  const rows = await toNewRows(scope, [request], [resolved], place);
  const [row] = await insertInvoiceItems(scope, rows);
  if (row === undefined) throw new Error("One item inserts one row");
  recordEvent(scope, {
    type: "invoiceitem.created",
    object: await renderInvoiceItem(scope, row),
  });
  if (invoice !== undefined && before !== undefined) {
    await checkTaxes(scope, invoice, request.paramOf("tax_rates"));
    await recordInvoiceChange(scope, before, await refreshTotals(scope, invoice));
  }
  return row;
}

function checkInvoice(scope: Scope, invoice: InvoiceRow, customer: string): void {
  assertEditable(scope, invoice);
  if (invoice.customer !== customer) {
    throw refused(
      "invalid_argument",
      `The invoice ${invoice.id} belongs to another customer.`,
      "invoice",
    );
  }
  assertLineCount(invoice.line_count, 1, "invoice");
}

/** Throws 400 when an item names a subscription that cannot bill it: over, or of something else. */
function checkSubscription(
  { id, customer, status }: SubscriptionRow,
  invoice: InvoiceRow | undefined,
  wanted: string,
): void {
  const problem =
    customer !== wanted
      ? "belongs to another customer"
      : ENDED.includes(status)
        ? "is over and has no more invoices"
        : invoice !== undefined && invoice.subscription !== null && invoice.subscription !== id
          ? `is not the one that the invoice ${invoice.id} is for`
          : undefined;
  if (problem === undefined) return;
  throw refused("invalid_argument", `The subscription ${id} ${problem}.`, "subscription");
}

/** Throws 400 when an item is not in the currency of its invoice or its subscription. */
export function assertSameCurrency(
  what: "invoice" | "subscription",
  owner: { readonly currency: string } | undefined,
  currency: string,
  param = "currency",
): void {
  if (owner !== undefined && owner.currency !== currency) {
    throw refused(
      "invalid_argument",
      `The currency of the invoice item (${currency}) must match the currency of the ${what} (${owner.currency}).`,
      param,
    );
  }
}
