import { newId } from "../ids.ts";
import type { Scope } from "../scope.ts";
import type { InvoiceItemInsert } from "../store/invoice-items.ts";
import type { InvoiceRow } from "../store/invoices.ts";
import type { ItemPricing } from "./item-source.ts";
import type { ResolvedItem } from "./resolve-items.ts";

/** What a request says about an item beside its price. */
export interface ItemDetails {
  readonly description?: string | undefined;
  readonly discountable?: boolean | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly period?: { readonly start: string; readonly end: string } | undefined;
}

export type NewItem = ItemPricing & ItemDetails;

interface Place {
  readonly customer: string;
  /** undefined = pending. */
  readonly invoice?: InvoiceRow | undefined;
  /** How many lines stand between this one and the invoice's last. */
  readonly offset: number;
}

/** The row of a new item: on an invoice after its last line, or pending. */
export const toNewRow = (
  scope: Scope,
  item: NewItem,
  { productName, ...priced }: ResolvedItem,
  { customer, invoice, offset }: Place,
): InvoiceItemInsert => ({
  ...priced,
  id: newId("ii"),
  line_id: newId("il"),
  customer,
  invoice: invoice?.id ?? null,
  position: invoice === undefined ? null : invoice.last_position + 1 + offset,
  was_pending: invoice === undefined,
  description: item.description ?? productName,
  discountable: item.discountable ?? priced.amount_minor >= 0n,
  metadata: JSON.stringify(item.metadata),
  period_start_at: item.period?.start ?? scope.nowAt,
  period_end_at: item.period?.end ?? scope.nowAt,
});
