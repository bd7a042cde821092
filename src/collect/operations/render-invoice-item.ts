import { assert } from "../../errors.ts";
import type { Scope } from "../scope.ts";
import { toInvoiceItem } from "../serializers/to-invoice-item.ts";
import type { InvoiceItemRow } from "../store/invoice-items.ts";
import { listTaxRatesById } from "../store/tax-rates.ts";

/** Renders items with their tax rates, in the order given: one query at most, however many there are. */
export async function renderInvoiceItems(scope: Scope, rows: readonly InvoiceItemRow[]) {
  const rates = await listTaxRatesById(
    scope,
    rows.flatMap((row) => row.tax_rates),
  );
  return rows.map((row) => toInvoiceItem(row, rates));
}

/** Renders one item. */
export async function renderInvoiceItem(scope: Scope, row: InvoiceItemRow) {
  const [item] = await renderInvoiceItems(scope, [row]);
  assert(item !== undefined, `item ${row.id} renders`);
  return item;
}
