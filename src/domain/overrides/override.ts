import type { Decimal } from "../decimal.ts";
import type { GroupValues } from "../metering/rollup.ts";
import type { BillingFrequency } from "../period.ts";
import type { RatePrice } from "../pricing/rate.ts";
import type { Instant } from "../time.ts";

/** A slice of usage with its own factor; its bounds are those of a tier of a rate. */
export interface MultiplierTier {
  /** Width of the slice; null in the last tier, which has no end. */
  readonly size: Decimal | null;
  readonly multiplier: Decimal;
}

/** What an override makes of a price. */
export type PriceChange =
  | { readonly type: "OVERWRITE"; readonly price: RatePrice }
  | { readonly type: "MULTIPLIER"; readonly multiplier: Decimal }
  | { readonly type: "TIERED"; readonly tiers: readonly MultiplierTier[] };

/** Usage that an override is for: every field that is named must match. */
export interface OverrideSpecifier {
  readonly productId: string | null;
  /** The product has all of them. */
  readonly productTags: readonly string[];
  /** The line has these values, and may have more. */
  readonly pricingGroupValues: GroupValues;
  readonly presentationGroupValues: GroupValues;
  /** Subscriptions that are billed this often, and nothing else; null: usage alone. */
  readonly billingFrequency: BillingFrequency | null;
  /** Commits and credits, or what spawns them, one of which pays; null: any. Only read when it is commit-specific. */
  readonly commitIds: readonly string[] | null;
}

/** One change of the prices that a contract's rate card lists. */
export interface Override {
  readonly id: string;
  /** Inclusive, on the hour. */
  readonly startingAt: Instant;
  /** Exclusive; null: as long as the contract. */
  readonly endingBefore: Instant | null;
  /** Opens or closes the products for the contract; null: the card decides. */
  readonly entitled: boolean | null;
  /** null: only access changes. */
  readonly change: PriceChange | null;
  /** true: the price holds only for usage that a commit or credit pays for. */
  readonly isCommitSpecific: boolean;
  /** The price that is changed. COMMIT_RATE only when commit-specific. */
  readonly target: "LIST_RATE" | "COMMIT_RATE";
  /** Lower goes first, where the contract says EXPLICIT. */
  readonly priority: Decimal | null;
  /** One match is enough. */
  readonly specifiers: readonly OverrideSpecifier[];
  /** Grows with each addition to a contract: the later one wins where nothing else decides. */
  readonly position: bigint;
}

/** Which of several multipliers applies: the smallest, or the one of the lowest priority number. */
export type MultiplierPrioritization = "LOWEST_MULTIPLIER" | "EXPLICIT";
