import type { StoredTax } from "../../db/totals-tables.ts";
import { refused } from "../../errors.ts";
import type { Scope } from "../../scope.ts";
import type { DiscountPlace } from "../../store/discounts.ts";
import type { DiscountHolder } from "../discounts/redeem-coupon.ts";
import { type DiscountRequest, resolveDiscounts } from "../discounts/resolve-discounts.ts";
import { createTaxRates, type NewTaxRate } from "../save-tax-rate.ts";
import { requireTaxRates } from "./require-tax-rates.ts";

/** A tax that was computed elsewhere, with the rate that it was computed at. */
export interface FixedTaxRequest {
  readonly amount: bigint;
  readonly taxable: bigint;
  readonly reason: string | undefined;
  readonly rate: NewTaxRate;
}

/** What a request says of the discounts and taxes of an item: undefined leaves them, null clears them. */
export interface ItemTermsRequest {
  readonly discounts?: readonly DiscountRequest[] | null | undefined;
  readonly taxRates?: readonly string[] | null | undefined;
  readonly fixedTaxes?: readonly FixedTaxRequest[] | null | undefined;
  readonly paramOf: (...path: readonly string[]) => string;
}

/** The columns that these decide; what was not said is left out. */
export interface ItemTermsColumns {
  readonly discounts?: string;
  readonly tax_rates?: string;
  readonly fixed_taxes?: string | null;
}

/** Redeems, looks up and makes what an item's request names. Throws 400 for what cannot be. */
export async function resolveItemTerms(
  scope: Scope,
  { discounts, taxRates, fixedTaxes, paramOf }: ItemTermsRequest,
  holder: DiscountHolder,
  ancestors?: Omit<DiscountPlace, "customer">,
): Promise<ItemTermsColumns> {
  if ((taxRates?.length ?? 0) > 0 && (fixedTaxes?.length ?? 0) > 0) {
    throw refused(
      "parameters_exclusive",
      "You may only specify one of these parameters: tax_rates, tax_amounts.",
      paramOf("tax_amounts"),
    );
  }
  const ids = discounts == null ? [] : await resolveDiscounts(scope, discounts, holder, ancestors);
  await requireTaxRates(scope, taxRates ?? [], (index) => paramOf("tax_rates", String(index)));
  return {
    ...(discounts === undefined ? {} : { discounts: JSON.stringify(ids) }),
    ...(taxRates === undefined ? {} : { tax_rates: JSON.stringify(taxRates ?? []) }),
    ...(fixedTaxes === undefined ? {} : { fixed_taxes: await toFixedTaxes(scope, fixedTaxes) }),
  };
}

async function toFixedTaxes(
  scope: Scope,
  fixed: readonly FixedTaxRequest[] | null,
): Promise<string | null> {
  if (fixed === null || fixed.length === 0) return null;
  // Rates of one line alone: nobody chooses them for another.
  const rates = await createTaxRates(
    scope,
    fixed.map(({ rate }) => ({ ...rate, active: false })),
  );
  const taxes = fixed.map(
    ({ amount, taxable, reason, rate }, index): StoredTax => ({
      taxRate: rates[index]?.id ?? "",
      inclusive: rate.inclusive,
      amount: amount.toString(),
      taxable: taxable.toString(),
      reason: reason ?? "standard_rated",
    }),
  );
  return JSON.stringify(taxes);
}
