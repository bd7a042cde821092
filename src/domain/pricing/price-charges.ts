import type { Decimal } from "../decimal.ts";
import { afterSteps, type Charge, toCharge } from "./charge.ts";
import { rateGraduated } from "./graduated.ts";
import { packageStep, wholeBlocks } from "./packages.ts";
import type { RatePrice } from "./rate.ts";
import { DEFAULT_TIER_RULES, type TierRules } from "./tier-rules.ts";
import { rateVolume } from "./volume.ts";

/**
 * What a price charges for the running quantity's way from `before` to `after`, where the billing
 * period's whole quantity is `periodQuantity`. Blocks come first: tiers count them. A new rate type
 * is one more case and one more file.
 */
export function priceCharges(
  price: RatePrice,
  before: Decimal,
  after: Decimal,
  periodQuantity: Decimal,
  rules: TierRules = DEFAULT_TIER_RULES,
): Charge[] {
  const size = price.type === "PERCENTAGE" ? undefined : price.packageSize;
  if (size === undefined) return priceUnits(price, before, after, periodQuantity, rules);
  const step = packageStep(size, before, after);
  const blocks = wholeBlocks(periodQuantity, size);
  return priceUnits(price, step.blocksBefore, step.blocksAfter, blocks, rules).map((charge) =>
    afterSteps([step], charge),
  );
}

function priceUnits(
  price: RatePrice,
  before: Decimal,
  after: Decimal,
  periodQuantity: Decimal,
  rules: TierRules,
): Charge[] {
  switch (price.type) {
    case "FLAT":
    case "PERCENTAGE":
      return [toCharge(null, before, after, price.price)];
    case "TIERED":
      return price.mode === "VOLUME"
        ? rateVolume(price.tiers, before, after, periodQuantity, rules)
        : rateGraduated(price.tiers, before, after, rules);
  }
}
