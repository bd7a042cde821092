import { type Decimal, max, min, ZERO } from "../decimal.ts";
import { type Charge, toCharge } from "./charge.ts";
import type { Tier } from "./rate.ts";
import { tierFee } from "./tier-fee.ts";
import { DEFAULT_TIER_RULES, isWithin, type TierRules } from "./tier-rules.ts";

/**
 * Prices a window under graduated tiers: each slice of usage in its own tier, ascending. `before`
 * and `after` are the billing period's running quantity at the window's edges, so tier counters run
 * on through the period. When the quantity falls, the slices it gives up are credited at the price of
 * their tiers. Below zero the first tier's price holds.
 *
 * A window without change gives one empty charge, in the tier of the last unit. The fee of a tier
 * follows its charge. Which tier owns a bound moves no unit from one price to another: it decides
 * where an empty charge is, and when the fee of the upper tier is due.
 */
export function rateGraduated(
  tiers: readonly Tier[],
  before: Decimal,
  after: Decimal,
  rules: TierRules = DEFAULT_TIER_RULES,
): Charge[] {
  const low = min(before, after);
  const high = max(before, after);
  const falling = after.lt(before);
  const charges: Charge[] = [];
  let floor = ZERO;
  for (const [index, tier] of tiers.entries()) {
    const ceiling = tier.size === null ? null : floor.plus(tier.size);
    const isLast = isWithin(high, ceiling, rules);
    // The first tier also takes what lies below zero, the open one all that lies above its floor.
    const from = index === 0 ? low : max(low, floor);
    const to = ceiling === null ? high : min(high, ceiling);
    const place = { level: index + 1, startingAt: floor, size: tier.size };
    if (to.gt(from)) {
      charges.push(toCharge(place, falling ? to : from, falling ? from : to, tier.price));
    } else if (low.eq(high) && isLast) {
      charges.push(toCharge(place, low, high, tier.price));
    }
    charges.push(...tierFee(tier, place, floor, before, after, rules));
    if (isLast || ceiling === null) return charges;
    floor = ceiling;
  }
  throw new RangeError("The last tier of a rate must be open-ended");
}
