import { assert } from "../../errors.ts";
import { refused } from "../errors.ts";
import { newId } from "../ids.ts";
import type { Scope } from "../scope.ts";
import type { InvoiceItemInsert } from "../store/invoice-items.ts";
import type { InvoiceRow } from "../store/invoices.ts";
import type { ItemPricing } from "./item-source.ts";
import type { ResolvedItem } from "./resolve-items.ts";
import {
  type ItemTermsColumns,
  type ItemTermsRequest,
  resolveItemTerms,
} from "./totals/resolve-item-terms.ts";

/** What a request says about an item beside its price. */
export interface ItemDetails {
  readonly description?: string | undefined;
  readonly discountable?: boolean | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly period?: { readonly start: string; readonly end: string } | undefined;
}

export type NewItem = ItemPricing & ItemDetails & ItemTermsRequest;

interface Place {
  readonly customer: string;
  /** undefined = pending. */
  readonly invoice?: InvoiceRow | undefined;
  /** Other subscriptions' invoices leave the item alone; undefined = any invoice takes it. */
  readonly subscription?: string | undefined;
  /** How many lines stand between this one and the invoice's last. */
  readonly offset: number;
}

/** The rows of new items, pairwise with what they cost: on an invoice after its last line, or pending. */
export async function toNewRows(
  scope: Scope,
  items: readonly NewItem[],
  resolved: readonly ResolvedItem[],
  { offset, ...place }: Place,
): Promise<InvoiceItemInsert[]> {
  const rows: InvoiceItemInsert[] = [];
  for (const [n, item] of items.entries()) {
    const priced = resolved[n];
    assert(priced !== undefined, `item ${n} has a price`);
    const id = newId("ii");
    const discountable = item.discountable ?? priced.amount_minor >= 0n;
    assertDiscountable(item, discountable);
    const holder = { customer: place.customer, invoiceItem: id, currency: priced.currency };
    const terms = await resolveItemTerms(scope, item, holder, { invoice: place.invoice?.id });
    const identity = { id, discountable, terms };
    rows.push(toNewRow(scope, item, priced, { ...place, offset: offset + n }, identity));
  }
  return rows;
}

/** Throws 400 for discounts of an item that says it has none. */
export function assertDiscountable(
  { discounts, paramOf }: ItemTermsRequest,
  discountable: boolean,
): void {
  if (discountable || discounts == null || discounts.length === 0) return;
  throw refused(
    "invalid_argument",
    "An item that is not discountable cannot have discounts.",
    paramOf("discounts"),
  );
}

interface RowIdentity {
  readonly id: string;
  readonly discountable: boolean;
  readonly terms: ItemTermsColumns;
}

const toNewRow = (
  scope: Scope,
  item: NewItem,
  { productName, ...priced }: ResolvedItem,
  { customer, invoice, subscription, offset }: Place,
  { id, discountable, terms }: RowIdentity,
): InvoiceItemInsert => ({
  ...priced,
  ...terms,
  id,
  line_id: newId("il"),
  customer,
  invoice: invoice?.id ?? null,
  subscription: subscription ?? null,
  position: invoice === undefined ? null : invoice.last_position + 1 + offset,
  was_pending: invoice === undefined,
  description: item.description ?? productName,
  discountable,
  metadata: JSON.stringify(item.metadata),
  period_start_at: item.period?.start ?? scope.nowAt,
  period_end_at: item.period?.end ?? scope.nowAt,
});
