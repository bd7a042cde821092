import type { OpenLine } from "../commits/apply-commits.ts";
import type { Decimal } from "../decimal.ts";
import type { AgreedRate } from "../overrides/agreed-rate.ts";
import { type ListPrice, toListPrice } from "../pricing/list-price.ts";
import { priceCharges } from "../pricing/price-charges.ts";
import type { Rate } from "../pricing/rate.ts";
import { tierRules } from "../pricing/tier-rules.ts";
import { withCourses } from "./charge-courses.ts";
import { limitCharges, type RatedCharge, type RatedPeriod } from "./limit-charges.ts";
import { ownPrices } from "./own-prices.ts";
import { rateSteps } from "./rate-steps.ts";
import { type LineProduct, toUsageLine } from "./usage-line.ts";
import type { WindowQuantity } from "./window-quantities.ts";

/** A window of one combination, with the rate that prices it. */
export interface RatedWindow {
  readonly product: LineProduct;
  readonly rate: Rate;
  /** What the contract made of the rate; absent: nothing. */
  readonly agreed?: AgreedRate | undefined;
  readonly quantity: WindowQuantity;
  /** The combination's quantity in the whole billing period. */
  readonly periodQuantity: Decimal;
  /** It bears the fee of the first tier where that is due without usage too, see firstFeeWindows. */
  readonly owesFirstFee: boolean;
}

/** Prices the windows of one product in one billing period, holds them to their rates' limits. */
export function chargeLines(period: RatedPeriod, windows: readonly RatedWindow[]): OpenLine[] {
  const rules = tierRules(period.conventions, false);
  const owing = tierRules(period.conventions, true);
  const charges = windows.flatMap((source): RatedCharge[] => {
    const { rate, periodQuantity, owesFirstFee } = source;
    const { before, after } = source.quantity;
    const pricePart = (from: Decimal, to: Decimal, isFirst: boolean) =>
      priceCharges(rate, from, to, periodQuantity, owesFirstFee && isFirst ? owing : rules);
    return withCourses(source, pricePart(before, after, true), pricePart);
  });
  const listPriceOf = listPrices();
  return limitCharges(period, charges).map(({ source, charge, course }) => {
    const { product, rate, agreed, quantity } = source;
    const listPrice = listPriceOf(agreed?.listedRate ?? rate);
    const price = { creditTypeId: rate.creditTypeId, listPrice, steps: rateSteps(rate, agreed) };
    const priceFor = ownPrices(source, charge, rules);
    return {
      ...toUsageLine(product, price, charge, quantity),
      ...(priceFor === undefined ? {} : { priceFor }),
      ...(course === undefined ? {} : { course }),
    };
  });
}

/** Lines are many, and the rates of a product few. */
function listPrices(): (rate: Rate) => ListPrice {
  const known = new Map<Rate, ListPrice>();
  return (rate) => {
    const listed = known.get(rate) ?? toListPrice(rate);
    known.set(rate, listed);
    return listed;
  };
}
