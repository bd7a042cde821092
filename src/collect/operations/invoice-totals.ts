import type { StoredDiscountAmount, StoredTax } from "../db/totals-tables.ts";
import type { InvoiceTotals } from "../domain/totals/compute-totals.ts";
import type { DiscountAmount } from "../domain/totals/discount-lines.ts";
import type { TaxAmount } from "../domain/totals/tax-line.ts";
import type { Scope } from "../scope.ts";
import { getCustomer } from "../store/customers.ts";
import { listAllLines, saveLineTotals, sumLines } from "../store/invoice-lines.ts";
import { type InvoiceChanges, type InvoiceRow, updateInvoice } from "../store/invoices.ts";
import { totalLines } from "./totals/total-lines.ts";

const toStoredDiscounts = (amounts: readonly DiscountAmount[]): StoredDiscountAmount[] =>
  amounts.map(({ discount, amount }) => ({ discount, amount: amount.toString() }));

const toStoredTaxes = (taxes: readonly TaxAmount[]): StoredTax[] =>
  taxes.map(({ amount, taxable, ...tax }) => ({
    ...tax,
    amount: amount.toString(),
    taxable: taxable.toString(),
  }));

/** Amounts of an invoice whose lines have neither discounts nor taxes. */
const plainTotals = (totalMinor: bigint): InvoiceChanges => ({
  subtotal_minor: totalMinor,
  subtotal_excluding_tax_minor: totalMinor,
  total_excluding_tax_minor: totalMinor,
  total_minor: totalMinor,
  discount_amounts: "[]",
  taxes: "[]",
});

const toTotalColumns = (totals: InvoiceTotals): InvoiceChanges => ({
  subtotal_minor: totals.subtotal,
  subtotal_excluding_tax_minor: totals.subtotalExcludingTax,
  total_excluding_tax_minor: totals.totalExcludingTax,
  total_minor: totals.total,
  discount_amounts: JSON.stringify(toStoredDiscounts(totals.discountAmounts)),
  taxes: JSON.stringify(toStoredTaxes(totals.taxes)),
});

const idsOf = (changed: string | undefined, current: readonly string[]): readonly string[] =>
  changed === undefined ? current : JSON.parse(changed);

/** Computes a locked draft's lines under its discounts and tax rates, and stores what each came to. */
async function recompute(
  scope: Scope,
  invoice: InvoiceRow,
  terms: { readonly discounts: readonly string[]; readonly defaultTaxRates: readonly string[] },
): Promise<InvoiceChanges> {
  const lines = await listAllLines(scope, invoice.id);
  const { tax_exempt: exemption } = await getCustomer(scope, invoice.customer);
  const totals = await totalLines(scope, lines, { ...terms, exemption });
  await saveLineTotals(
    scope,
    lines.map(({ id }, index) => ({
      id,
      discountAmounts: toStoredDiscounts(totals.lines[index]?.discountAmounts ?? []),
      taxes: toStoredTaxes(totals.lines[index]?.taxes ?? []),
    })),
  );
  return toTotalColumns(totals);
}

/** Brings a locked draft's totals up to date with its lines, together with other changes. */
export async function refreshTotals(
  scope: Scope,
  invoice: InvoiceRow,
  changes: InvoiceChanges = {},
): Promise<InvoiceRow> {
  const sums = await sumLines(scope, invoice.id);
  const terms = {
    discounts: idsOf(changes.discounts, invoice.discounts),
    defaultTaxRates: idsOf(changes.default_tax_rates, invoice.default_tax_rates),
  };
  const isPlain =
    sums.isPlain && terms.discounts.length === 0 && terms.defaultTaxRates.length === 0;
  return updateInvoice(scope, invoice.id, {
    ...changes,
    ...(isPlain ? plainTotals(sums.totalMinor) : await recompute(scope, invoice, terms)),
    line_count: sums.lineCount,
    last_position: Math.max(sums.lastPosition, invoice.last_position),
  });
}
