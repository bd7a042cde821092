import type { Decimal } from "../decimal.ts";
import type { GroupValues } from "../metering/rollup.ts";
import type { BillingFrequency } from "../period.ts";
import type { UnitConversion } from "../pricing-unit.ts";
import type { Instant } from "../time.ts";

/** A slice of usage with its own price. Who owns its upper bound is a convention. */
export interface Tier {
  /** Width of the slice; null in the last tier, which has no end. */
  readonly size: Decimal | null;
  /** Price of one unit, in the wire unit of the rate's credit type. */
  readonly price: Decimal;
  /** Our addition: due once in a billing period when usage gets into the tier. See conventions.ts. */
  readonly flatFee?: Decimal;
}

/** Our additions: bounds of what one rate charges in one billing period, before commits. */
export interface RateLimits {
  readonly minimum?: Decimal;
  readonly maximum?: Decimal;
}

/** Our addition: units are sold in whole blocks of this size, and prices and tiers count blocks. */
interface Packaged {
  readonly packageSize?: Decimal;
}

interface DatedRate extends RateLimits {
  readonly id: string;
  readonly productId: string;
  /** Inclusive, on the hour. */
  readonly startingAt: Instant;
  /** Exclusive; null: until a later rate takes over. */
  readonly endingBefore: Instant | null;
  /** false: listed but not billed. */
  readonly entitled: boolean;
  readonly creditTypeId: string;
  /** The combination this price is for; empty for products with one price. */
  readonly pricingGroupValues: GroupValues;
  /** null but for subscription products, which have a price for each frequency. */
  readonly billingFrequency: BillingFrequency | null;
  /** When the rate was added. Of two rates with the same start the later added one is in force. */
  readonly addedAt: Instant;
  /** What usage costs that a commit or credit of rate type COMMIT_RATE pays for; null: the same. */
  readonly commitRate: RatePrice | null;
}

export interface FlatPrice extends Packaged {
  readonly type: "FLAT";
  /** Price of one unit, in the wire unit of the rate's credit type. */
  readonly price: Decimal;
}

export interface TieredPrice extends Packaged {
  readonly type: "TIERED";
  /** Our addition: absent, each slice has the price of its tier; VOLUME, all units the last one's. */
  readonly mode?: "VOLUME";
  readonly tiers: readonly Tier[];
}

export interface PercentagePrice {
  readonly type: "PERCENTAGE";
  /** A fraction of what the products of a COMPOSITE product cost, 0 to 1. */
  readonly price: Decimal;
}

/** How a quantity becomes money. A new rate type is a new member and a new file. */
export type RatePrice = FlatPrice | TieredPrice | PercentagePrice;

export interface FlatRate extends DatedRate, FlatPrice {}

export interface TieredRate extends DatedRate, TieredPrice {}

export interface PercentageRate extends DatedRate, PercentagePrice {}

/** One dated price of one product on a rate card. */
export type Rate = FlatRate | TieredRate | PercentageRate;

export interface RateCard {
  readonly id: string;
  /** Product ids in the order of invoice lines. Products that are missing here come last, by name. */
  readonly productOrder: readonly string[];
  readonly rates: readonly Rate[];
  /** Of every custom pricing unit that a rate is in; absent: all are in the card's currency. */
  readonly conversions?: readonly UnitConversion[];
}
