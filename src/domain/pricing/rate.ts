import type { Decimal } from "../decimal.ts";
import type { GroupValues } from "../metering/rollup.ts";
import type { Instant } from "../time.ts";

/** A slice of usage with its own price. Graduated: a tier owns the quantity up to its upper bound. */
export interface Tier {
  /** Width of the slice; null in the last tier, which has no end. */
  readonly size: Decimal | null;
  /** Price of one unit, in the wire unit of the rate's credit type. */
  readonly price: Decimal;
}

interface DatedRate {
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
  /** When the rate was added. Of two rates with the same start the later added one is in force. */
  readonly addedAt: Instant;
}

export interface FlatRate extends DatedRate {
  readonly type: "FLAT";
  /** Price of one unit, in the wire unit of the rate's credit type. */
  readonly price: Decimal;
}

export interface TieredRate extends DatedRate {
  readonly type: "TIERED";
  readonly tiers: readonly Tier[];
}

/** One dated price of one product on a rate card. A new rate type is a new member and a new file. */
export type Rate = FlatRate | TieredRate;

export interface RateCard {
  readonly id: string;
  /** Product ids in the order of invoice lines. Products that are missing here come last, by name. */
  readonly productOrder: readonly string[];
  readonly rates: readonly Rate[];
}
