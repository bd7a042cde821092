import { dec } from "../../domain/decimal.ts";
import { CollectError, refused } from "../errors.ts";
import type { Scope } from "../scope.ts";
import { lockCustomerOrDeleted } from "../store/customers.ts";
import {
  deleteInvoiceItems,
  getInvoiceItem,
  type InvoiceItemChanges,
  type InvoiceItemRow,
  updateInvoiceItem,
} from "../store/invoice-items.ts";
import { type InvoiceRow, lockInvoice } from "../store/invoices.ts";
import { assertEditable } from "./assert-editable.ts";
import { refreshTotals } from "./invoice-totals.ts";
import type { CurrentItem, ItemPricing } from "./item-source.ts";
import { assertDiscountable, type ItemDetails } from "./new-items.ts";
import { recordEvent } from "./record-event.ts";
import { recordInvoiceChange } from "./record-invoice-change.ts";
import { renderInvoice } from "./render-invoice.ts";
import { renderInvoiceItem } from "./render-invoice-item.ts";
import { resolveItems } from "./resolve-items.ts";
import { checkTaxes } from "./totals/check-taxes.ts";
import { type ItemTermsRequest, resolveItemTerms } from "./totals/resolve-item-terms.ts";

/** What an update says; what it leaves out stays. `metadata` is the whole new metadata. */
export type ItemUpdate = ItemPricing & Partial<ItemDetails> & ItemTermsRequest;

/** What an item is now, as pricing sees it. */
const toCurrent = (row: InvoiceItemRow): CurrentItem => ({
  currency: row.currency,
  price: row.price,
  product: row.product,
  amountMinor: row.amount_minor,
  unitAmount: row.unit_amount === null ? null : dec(row.unit_amount),
  quantity: dec(row.quantity),
});

/** The columns that updates change, items and updates pairwise. */
export async function toItemChanges(
  scope: Scope,
  rows: readonly InvoiceItemRow[],
  updates: readonly ItemUpdate[],
): Promise<InvoiceItemChanges[]> {
  const pairs = rows.flatMap((row, index) => {
    const update = updates[index];
    return update === undefined ? [] : [{ row, update }];
  });
  const resolved = await resolveItems(
    scope,
    pairs.map(({ row, update }) => ({ ...update, current: toCurrent(row) })),
    "",
  );
  const changes: InvoiceItemChanges[] = [];
  for (const [index, { row, update }] of pairs.entries()) {
    const { productName: _, ...priced } = resolved[index] ?? { productName: null };
    const holder = { customer: row.customer, invoiceItem: row.id, currency: row.currency };
    assertDiscountable(update, update.discountable ?? row.discountable);
    refuseTwoKindsOfTax(row, update);
    changes.push({
      ...priced,
      ...(await resolveItemTerms(scope, update, holder)),
      ...(update.description === undefined ? {} : { description: update.description }),
      ...(update.discountable === undefined ? {} : { discountable: update.discountable }),
      ...(update.metadata === undefined ? {} : { metadata: JSON.stringify(update.metadata) }),
      ...(update.period === undefined
        ? {}
        : { period_start_at: update.period.start, period_end_at: update.period.end }),
    });
  }
  return changes;
}

/** Throws 400 when an update gives a line taxes of one kind while it keeps those of the other. */
function refuseTwoKindsOfTax(row: InvoiceItemRow, update: ItemUpdate): void {
  const rates = update.taxRates === undefined ? row.tax_rates : (update.taxRates ?? []);
  const fixed = update.fixedTaxes === undefined ? row.fixed_taxes : update.fixedTaxes;
  if (rates.length === 0 || (fixed?.length ?? 0) === 0) return;
  throw refused(
    "invalid_argument",
    "A line has either tax_rates or tax_amounts: clear the one to give it the other.",
    update.paramOf(update.taxRates === undefined ? "tax_amounts" : "tax_rates"),
  );
}

interface LockedItem {
  readonly item: InvoiceItemRow;
  /** undefined = the item is pending. */
  readonly invoice: InvoiceRow | undefined;
}

/** Locks what an item belongs to: its draft, or its customer while it is pending. */
async function lockItem(scope: Scope, id: string): Promise<LockedItem> {
  const seen = await getInvoiceItem(scope, id);
  const invoice = seen.invoice === null ? undefined : await lockInvoice(scope, seen.invoice);
  if (invoice === undefined) await lockCustomerOrDeleted(scope, seen.customer);
  const item = await getInvoiceItem(scope, id);
  if (item.invoice !== seen.invoice) {
    throw new CollectError(
      "conflict",
      "invalid_request_error",
      "lock_timeout",
      "The item was moved to or from an invoice just now; try again.",
    );
  }
  if (invoice !== undefined) assertEditable(scope, invoice);
  return { item, invoice };
}

/** Changes an item that is pending or on a draft; throws 400 `invoice_not_editable` otherwise. */
export async function changeInvoiceItem(
  scope: Scope,
  id: string,
  toUpdate: (current: InvoiceItemRow) => ItemUpdate,
): Promise<InvoiceItemRow> {
  const { item, invoice } = await lockItem(scope, id);
  const update = toUpdate(item);
  const [changes] = await toItemChanges(scope, [item], [update]);
  const before = invoice && (await renderInvoice(scope, invoice));
  const row = await updateInvoiceItem(scope, id, changes ?? {});
  if (invoice !== undefined && before !== undefined) {
    await checkTaxes(scope, invoice, update.paramOf("tax_rates"));
    await recordInvoiceChange(scope, before, await refreshTotals(scope, invoice));
  }
  return row;
}

/** Removes an item that is pending or on a draft; throws 400 `invoice_not_editable` otherwise. */
export async function deleteInvoiceItem(scope: Scope, id: string): Promise<void> {
  const { item, invoice } = await lockItem(scope, id);
  const before = invoice && (await renderInvoice(scope, invoice));
  await deleteInvoiceItems(scope, [id]);
  recordEvent(scope, {
    type: "invoiceitem.deleted",
    object: await renderInvoiceItem(scope, item),
  });
  if (invoice !== undefined && before !== undefined) {
    await recordInvoiceChange(scope, before, await refreshTotals(scope, invoice));
  }
}
