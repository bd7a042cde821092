import { dec } from "../../../domain/decimal.ts";
import { assert } from "../../../errors.ts";
import type { DiscountTerms } from "../../domain/totals/discount-lines.ts";
import type { TaxRateTerms } from "../../domain/totals/tax-line.ts";
import type { Scope } from "../../scope.ts";
import { listCouponsById } from "../../store/coupons.ts";
import { listDiscountsById } from "../../store/discounts.ts";
import { listTaxRatesById } from "../../store/tax-rates.ts";

/** What discounts take off, by discount id. Throws when one does not exist. */
export async function loadDiscountTerms(
  scope: Scope,
  ids: readonly string[],
): Promise<(ids: readonly string[]) => DiscountTerms[]> {
  const discounts = await listDiscountsById(scope, ids);
  const coupons = await listCouponsById(
    scope,
    [...discounts.values()].map(({ coupon }) => coupon),
  );
  const toTerms = (id: string): DiscountTerms => {
    const coupon = coupons.get(discounts.get(id)?.coupon ?? "");
    assert(coupon !== undefined, `discount ${id} has a coupon`);
    return {
      id,
      percentOff: coupon.percent_off === null ? null : dec(coupon.percent_off),
      amountOff: coupon.amount_off_minor,
      currency: coupon.currency,
      products: coupon.applies_to_products,
    };
  };
  return (wanted) => wanted.map(toTerms);
}

/** What tax rates ask for, by their id. Throws when one does not exist. */
export async function loadRateTerms(
  scope: Scope,
  ids: readonly string[],
): Promise<(ids: readonly string[]) => TaxRateTerms[]> {
  const rates = await listTaxRatesById(scope, ids);
  const toTerms = (id: string): TaxRateTerms => {
    const rate = rates.get(id);
    assert(rate !== undefined, `tax rate ${id} exists`);
    return { id, percentage: dec(rate.percentage), inclusive: rate.inclusive };
  };
  return (wanted) => wanted.map(toTerms);
}
