import {
  type DiscountAmount,
  type DiscountableLine,
  type DiscountTerms,
  discountLines,
} from "./discount-lines.ts";
import { type TaxAmount, type TaxExemption, type TaxRateTerms, taxLine } from "./tax-line.ts";

/** A line as an invoice's totals see it. */
export interface TotalledLine extends DiscountableLine {
  readonly rates: readonly TaxRateTerms[];
  /** Taxes that were computed elsewhere: they stand as they are. */
  readonly fixedTaxes: readonly TaxAmount[] | null;
}

export interface LineTotals {
  readonly discountAmounts: readonly DiscountAmount[];
  readonly taxes: readonly TaxAmount[];
}

/** Amounts of an invoice in minor units (Stripe docs: the Invoice object). */
export interface InvoiceTotals {
  /** Pairwise with the lines that were given. */
  readonly lines: readonly LineTotals[];
  /** All lines after the discounts of their own. */
  readonly subtotal: bigint;
  readonly subtotalExcludingTax: bigint;
  /** By discount, in the order in which they first took something. */
  readonly discountAmounts: readonly DiscountAmount[];
  /** By rate, behaviour and reason. */
  readonly taxes: readonly TaxAmount[];
  readonly totalExcludingTax: bigint;
  readonly total: bigint;
}

export interface TotalsInput {
  readonly lines: readonly TotalledLine[];
  /** Of the whole invoice, in their order. */
  readonly discounts: readonly DiscountTerms[];
  readonly exemption: TaxExemption;
}

const sumOf = (values: readonly bigint[]): bigint => values.reduce((sum, one) => sum + one, 0n);

const amountsOf = (values: readonly { readonly amount: bigint }[]): bigint =>
  sumOf(values.map(({ amount }) => amount));

const included = (taxes: readonly TaxAmount[]): bigint =>
  amountsOf(taxes.filter(({ inclusive }) => inclusive));

function byDiscount(amounts: readonly DiscountAmount[]): DiscountAmount[] {
  const sums = new Map<string, bigint>();
  for (const { discount, amount } of amounts) {
    sums.set(discount, (sums.get(discount) ?? 0n) + amount);
  }
  return [...sums].map(([discount, amount]) => ({ discount, amount }));
}

function byRate(taxes: readonly TaxAmount[]): TaxAmount[] {
  const groups = Map.groupBy(
    taxes,
    ({ taxRate, inclusive, reason }) => `${taxRate}/${inclusive}/${reason}`,
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    return [{ ...first, amount: amountsOf(group), taxable: sumOf(group.map((t) => t.taxable)) }];
  });
}

/**
 * What an invoice comes to: lines, then discounts, then taxes (Stripe docs: "How invoice totals are
 * calculated"). `total` is the subtotal less the invoice's discounts, plus exclusive taxes.
 */
export function computeTotals({ lines, discounts, exemption }: TotalsInput): InvoiceTotals {
  const discounted = discountLines(lines, discounts);
  const taxed = lines.map(({ rates, fixedTaxes }, index) => {
    const { left = 0n, afterOwn = 0n, amounts = [] } = discounted[index] ?? {};
    const taxes = fixedTaxes ?? taxLine(left, rates, exemption);
    // What is included in a line before the invoice's discounts lower it.
    const beforeDiscounts = fixedTaxes ?? taxLine(afterOwn, rates, exemption);
    return { amounts, taxes, left, afterOwn, includedBefore: included(beforeDiscounts) };
  });
  const taxes = taxed.flatMap((line) => line.taxes);
  const left = sumOf(taxed.map((line) => line.left));
  const subtotal = sumOf(taxed.map((line) => line.afterOwn));
  return {
    lines: taxed.map((line) => ({ discountAmounts: line.amounts, taxes: line.taxes })),
    subtotal,
    subtotalExcludingTax: subtotal - sumOf(taxed.map((line) => line.includedBefore)),
    discountAmounts: byDiscount(taxed.flatMap((line) => line.amounts)),
    taxes: byRate(taxes),
    totalExcludingTax: left - included(taxes),
    total: left + amountsOf(taxes) - included(taxes),
  };
}
