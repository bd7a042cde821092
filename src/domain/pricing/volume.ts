import { type Decimal, ZERO } from "../decimal.ts";
import type { LineTier } from "../invoices/line.ts";
import { afterSteps, type Charge, toCharge } from "./charge.ts";
import type { Tier } from "./rate.ts";
import { tierFee } from "./tier-fee.ts";
import { DEFAULT_TIER_RULES, isWithin, type TierRules } from "./tier-rules.ts";

/**
 * Prices a window under volume tiers: every unit of the billing period has the price of the tier
 * that the period's whole quantity lies in, `periodQuantity`. So a draft may get cheaper as usage
 * grows, and windows of one period always agree on the tier. A quantity at exactly a bound is in the
 * lower tier or in the upper one, as the rules say; below zero the first tier's price holds. The fee
 * of the tier is due once, with the first unit unless it is due anyway.
 */
export function rateVolume(
  tiers: readonly Tier[],
  before: Decimal,
  after: Decimal,
  periodQuantity: Decimal,
  rules: TierRules = DEFAULT_TIER_RULES,
): Charge[] {
  const { tier, place } = tierOf(tiers, periodQuantity, rules);
  const steps = [{ step: "volume", periodQuantity } as const];
  return [
    toCharge(place, before, after, tier.price),
    ...tierFee(tier, place, ZERO, before, after, rules),
  ].map((charge) => afterSteps(steps, charge));
}

function tierOf(
  tiers: readonly Tier[],
  quantity: Decimal,
  rules: TierRules,
): { tier: Tier; place: LineTier } {
  let startingAt = ZERO;
  for (const [index, tier] of tiers.entries()) {
    const ceiling = tier.size === null ? null : startingAt.plus(tier.size);
    if (ceiling === null || isWithin(quantity, ceiling, rules)) {
      return { tier, place: { level: index + 1, startingAt, size: tier.size } };
    }
    startingAt = ceiling;
  }
  throw new RangeError("The last tier of a rate must be open-ended");
}
