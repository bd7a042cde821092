import type { StoredTax } from "../../db/totals-tables.ts";
import { computeTotals, type InvoiceTotals } from "../../domain/totals/compute-totals.ts";
import type { TaxAmount, TaxExemption } from "../../domain/totals/tax-line.ts";
import type { Scope } from "../../scope.ts";
import type { InvoiceItemRow } from "../../store/invoice-items.ts";
import { loadDiscountTerms, loadRateTerms } from "./load-terms.ts";

/** What of a line its totals depend on. */
export type TotalledRow = Pick<
  InvoiceItemRow,
  | "amount_minor"
  | "currency"
  | "product"
  | "discountable"
  | "discounts"
  | "tax_rates"
  | "fixed_taxes"
>;

export interface TotalsTerms {
  /** Ids of the invoice's own discounts, in order. */
  readonly discounts: readonly string[];
  /** Of the lines that name none. */
  readonly defaultTaxRates: readonly string[];
  readonly exemption: TaxExemption;
}

const fromStored = ({ amount, taxable, ...tax }: StoredTax): TaxAmount => ({
  ...tax,
  amount: BigInt(amount),
  taxable: BigInt(taxable),
});

/** Computes what lines come to under an invoice's discounts and tax rates; writes nothing. */
export async function totalLines(
  scope: Scope,
  rows: readonly TotalledRow[],
  { discounts, defaultTaxRates, exemption }: TotalsTerms,
): Promise<InvoiceTotals> {
  const discountTerms = await loadDiscountTerms(scope, [
    ...discounts,
    ...rows.flatMap((row) => row.discounts),
  ]);
  const rateTerms = await loadRateTerms(scope, [
    ...defaultTaxRates,
    ...rows.flatMap((row) => row.tax_rates),
  ]);
  return computeTotals({
    lines: rows.map((row) => ({
      amount: row.amount_minor,
      currency: row.currency,
      product: row.product,
      discountable: row.discountable,
      discounts: discountTerms(row.discounts),
      rates: rateTerms(row.tax_rates.length > 0 ? row.tax_rates : defaultTaxRates),
      fixedTaxes: row.fixed_taxes?.map(fromStored) ?? null,
    })),
    discounts: discountTerms(discounts),
    exemption,
  });
}
