import type { StoredDiscountAmount, StoredTax } from "../db/totals-tables.ts";
import { toWireAmount } from "../wire.ts";

/** Discount amounts of a line or an invoice. */
export const toDiscountAmounts = (amounts: readonly StoredDiscountAmount[]) =>
  amounts.map(({ amount, discount }) => ({ amount: toWireAmount(BigInt(amount)), discount }));

/** What the discounts make of the amounts before tax. */
export const toPretaxCredits = (amounts: readonly StoredDiscountAmount[]) =>
  toDiscountAmounts(amounts).map((amount) => ({ ...amount, type: "discount" as const }));

/** Taxes of a line or an invoice. */
export const toTaxes = (taxes: readonly StoredTax[]) =>
  taxes.map(({ amount, inclusive, reason, taxRate, taxable }) => ({
    amount: toWireAmount(BigInt(amount)),
    tax_behavior: inclusive ? ("inclusive" as const) : ("exclusive" as const),
    tax_rate_details: { tax_rate: taxRate },
    taxability_reason: reason,
    taxable_amount: toWireAmount(BigInt(taxable)),
    type: "tax_rate_details" as const,
  }));
