import { assertLineCount } from "../domain/invoice-limits.ts";
import { refused } from "../errors.ts";
import type { Scope } from "../scope.ts";
import { lockCustomer } from "../store/customers.ts";
import { type InvoiceItemRow, insertInvoiceItems } from "../store/invoice-items.ts";
import { type InvoiceRow, lockInvoice } from "../store/invoices.ts";
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
}

/**
 * Adds an item to a draft invoice or, without one, to the customer's pending items. Throws 400 when
 * the invoice is no draft, is another customer's, is full, or has another currency.
 */
export async function createInvoiceItem(
  scope: Scope,
  request: ItemRequest,
): Promise<InvoiceItemRow> {
  const invoice =
    request.invoice === undefined
      ? undefined
      : await lockInvoice(scope, request.invoice, "invoice");
  const customerId = request.customer ?? invoice?.customer;
  if (customerId === undefined) {
    throw refused("parameter_missing", "Missing required param: customer.", "customer");
  }
  const customer = await lockCustomer(scope, customerId, "customer");
  if (invoice !== undefined) checkInvoice(scope, invoice, customerId);
  const fallback = invoice?.currency ?? customer.currency ?? DEFAULT_CURRENCY;
  const [resolved] = await resolveItems(scope, [request], fallback);
  if (resolved === undefined) throw new Error("One item resolves to one");
  assertSameCurrency(invoice, resolved.currency);
  await claimCurrency(scope, customer, resolved.currency);
  const before = invoice && (await renderInvoice(scope, invoice));
  const place = { customer: customerId, invoice, offset: 0 };
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

/** Throws 400 when an item is not in its invoice's currency. */
export function assertSameCurrency(
  invoice: InvoiceRow | undefined,
  currency: string,
  param = "currency",
): void {
  if (invoice !== undefined && invoice.currency !== currency) {
    throw refused(
      "invalid_argument",
      `The currency of the invoice item (${currency}) must match the currency of the invoice (${invoice.currency}).`,
      param,
    );
  }
}
