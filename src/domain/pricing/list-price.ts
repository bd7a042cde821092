import type { Decimal } from "../decimal.ts";
import type { GroupValues } from "../metering/rollup.ts";
import type { Rate, RateLimits, RatePrice } from "./rate.ts";

/** What the rate card lists for a line, before overrides and commit rates. */
export interface ListPrice extends RateLimits {
  readonly price: RatePrice;
  readonly creditTypeId: string;
  readonly pricingGroupValues: GroupValues;
}

/** The list price that a rate of the card is. */
export const toListPrice = (rate: Rate): ListPrice => ({
  price: priceOf(rate),
  creditTypeId: rate.creditTypeId,
  pricingGroupValues: rate.pricingGroupValues,
  ...(rate.minimum === undefined ? {} : { minimum: rate.minimum }),
  ...(rate.maximum === undefined ? {} : { maximum: rate.maximum }),
});

/** The price alone: a rate is one, and more. */
export function priceOf(rate: RatePrice): RatePrice {
  switch (rate.type) {
    case "PERCENTAGE":
      return { type: rate.type, price: rate.price };
    case "FLAT":
      return { type: rate.type, price: rate.price, ...blocksOf(rate) };
    case "TIERED":
      return {
        type: rate.type,
        ...(rate.mode === undefined ? {} : { mode: rate.mode }),
        tiers: rate.tiers,
        ...blocksOf(rate),
      };
  }
}

const blocksOf = ({ packageSize }: { readonly packageSize?: Decimal }) =>
  packageSize === undefined ? {} : { packageSize };
