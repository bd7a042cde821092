import type { OpenLine } from "../commits/apply-commits.ts";
import type { PricedSlice } from "../commits/pay-own-price.ts";
import type { AgreedPrice, AgreedRate } from "../overrides/agreed-rate.ts";
import type { Charge } from "../pricing/charge.ts";
import { wholeBlocks } from "../pricing/packages.ts";
import { priceCharges } from "../pricing/price-charges.ts";
import type { RatePrice } from "../pricing/rate.ts";
import type { TierRules } from "../pricing/tier-rules.ts";
import type { RatedWindow } from "./charge-lines.ts";
import { rateSteps } from "./rate-steps.ts";

/**
 * How commits price a charge that have prices of their own; undefined: none has. Their tiers are
 * read on the same running quantity as those of the list, and count the same units or blocks. Fees,
 * minimums and what a maximum leaves are paid as they are.
 */
export function ownPrices(
  source: RatedWindow,
  charge: Charge,
  rules: TierRules,
): OpenLine["priceFor"] {
  const priceFor = source.agreed?.priceFor ?? undefined;
  const end = charge.quantityAfter;
  if (source.agreed === undefined || priceFor === undefined || end === undefined) return undefined;
  const { agreed } = source;
  return (commit, quantity) => {
    const own = priceFor(commit);
    return own && toSlices(source, agreed, own, { from: end.minus(quantity), to: end }, rules);
  };
}

function toSlices(
  { rate, quantity: { trace }, periodQuantity }: RatedWindow,
  agreed: AgreedRate,
  own: AgreedPrice,
  { from, to }: { from: PricedSlice["quantity"]; to: PricedSlice["quantity"] },
  rules: TierRules,
): PricedSlice[] {
  const size = "packageSize" in rate ? rate.packageSize : undefined;
  const counted = size === undefined ? periodQuantity : wholeBlocks(periodQuantity, size);
  const steps = [...trace, ...rateSteps(rate, agreed, own)];
  return priceCharges(inUnits(own.price), from, to, counted, rules)
    .filter(({ kind }) => kind === "USE")
    .map((slice) => ({
      quantity: slice.quantity,
      unitPrice: slice.unitPrice,
      amount: slice.amount,
      tier: slice.tier,
      trace: [...steps, ...slice.trace],
    }));
}

/** The charge is in blocks already where the rate has them. */
function inUnits(price: RatePrice): RatePrice {
  if (price.type === "PERCENTAGE" || price.packageSize === undefined) return price;
  const { packageSize: _, ...units } = price;
  return units;
}
