import { type Decimal, min } from "../decimal.ts";
import type { RatePrice, Tier } from "../pricing/rate.ts";
import type { MultiplierTier, PriceChange } from "./override.ts";

/**
 * The price after a change. An overwrite replaces it whole; a multiplier scales each of its unit
 * prices and fees, exactly; multiplier tiers cut it where they change, so the result is tiered. A
 * percentage has no units to count tiers in, and volume tiers take the factor of no slice: tiers of
 * an override leave both as they are.
 */
export function changedPrice(price: RatePrice, change: PriceChange): RatePrice {
  switch (change.type) {
    case "OVERWRITE":
      return change.price;
    case "MULTIPLIER":
      return scaledPrice(price, change.multiplier);
    case "TIERED":
      return tieredPrice(price, change.tiers);
  }
}

/** Every unit price and fee times the factor. */
function scaledPrice(price: RatePrice, factor: Decimal): RatePrice {
  if (price.type !== "TIERED") return { ...price, price: price.price.times(factor) };
  return { ...price, tiers: scaledTiers(price.tiers, [{ size: null, multiplier: factor }]) };
}

function tieredPrice(price: RatePrice, factors: readonly MultiplierTier[]): RatePrice {
  if (price.type === "PERCENTAGE" || (price.type === "TIERED" && price.mode === "VOLUME")) {
    return price;
  }
  const { packageSize } = price;
  const tiers = price.type === "FLAT" ? [{ size: null, price: price.price }] : price.tiers;
  return {
    type: "TIERED",
    tiers: scaledTiers(tiers, factors),
    ...(packageSize === undefined ? {} : { packageSize }),
  };
}

/** Both lists start at 0: cut at every bound of either, each slice has one price and one factor. */
function scaledTiers(tiers: readonly Tier[], factors: readonly MultiplierTier[]): Tier[] {
  const scaled: Tier[] = [];
  let [t, f] = [0, 0];
  let [tier, factor] = [tiers[0], factors[0]];
  while (tier !== undefined && factor !== undefined) {
    const size = smaller(tier.size, factor.size);
    scaled.push(scaledTier(tier, factor.multiplier, size));
    if (size === null) return scaled;
    tier = after(tier, size) ?? tiers[++t];
    factor = after(factor, size) ?? factors[++f];
  }
  throw new RangeError("The last tier of a rate and of an override must be open-ended");
}

const scaledTier = ({ price, flatFee }: Tier, factor: Decimal, size: Decimal | null): Tier => ({
  size,
  price: price.times(factor),
  ...(flatFee === undefined ? {} : { flatFee: flatFee.times(factor) }),
});

const smaller = (a: Decimal | null, b: Decimal | null): Decimal | null =>
  a === null ? b : b === null ? a : min(a, b);

/** What is left of a tier after its first `part`, whose fee is due once; undefined: nothing. */
function after<T extends { readonly size: Decimal | null; readonly flatFee?: Decimal }>(
  tier: T,
  part: Decimal,
): Omit<T, "flatFee"> | undefined {
  const { flatFee: _, ...rest } = tier;
  if (tier.size === null) return rest;
  return tier.size.eq(part) ? undefined : { ...rest, size: tier.size.minus(part) };
}
