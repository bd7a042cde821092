import { type Decimal, dec } from "../decimal.ts";
import type { RechargeTerms } from "./decide-recharge.ts";

/** In whole units of the currency (Metronome docs: "Recharge minimums"). */
const LEAST_THRESHOLD = dec("5");
const LEAST_RECHARGE = dec("10");

/** An amount that is too small, and what it has to be worth, in the wire unit of the currency. */
export interface TooSmall {
  readonly field: "threshold_amount" | "recharge_to_amount";
  readonly least: Decimal;
}

/**
 * The amount that is below its minimum, or undefined. Amounts in a pricing unit are held to what they
 * are worth in money. `wholeUnit`: one of the currency in its wire unit, so 100 for USD.
 */
export function findTooSmall(
  { threshold, rechargeTo, unitPrice }: Omit<RechargeTerms, "paymentFraction">,
  wholeUnit: Decimal,
): TooSmall | undefined {
  const worth = threshold.times(unitPrice);
  const least = LEAST_THRESHOLD.times(wholeUnit);
  if (worth.lt(least)) return { field: "threshold_amount", least };
  const leastRecharge = worth.plus(LEAST_RECHARGE.times(wholeUnit));
  if (rechargeTo.times(unitPrice).gte(leastRecharge)) return undefined;
  return { field: "recharge_to_amount", least: leastRecharge };
}
