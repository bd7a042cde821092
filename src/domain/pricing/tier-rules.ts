import { type Conventions, DEFAULT_CONVENTIONS } from "../conventions.ts";
import type { Decimal } from "../decimal.ts";

/** How tiers count the running quantity of one window. */
export interface TierRules {
  readonly bound: Conventions["tierBound"];
  /**
   * When the fee of the first tier, or the one fee of volume tiers, is due:
   *
   * - WITH_USE: with the first unit of the period.
   * - HERE, ELSEWHERE: in one window of the period whatever is used: this one, or another.
   */
  readonly firstFee: "WITH_USE" | "HERE" | "ELSEWHERE";
}

/** The rules under the conventions; `owesFirstFee` marks the window that an unconditional fee is in. */
export const tierRules = (
  { tierBound, zeroUsageTierFee }: Conventions,
  owesFirstFee: boolean,
): TierRules => ({
  bound: tierBound,
  firstFee: zeroUsageTierFee === "not_charged" ? "WITH_USE" : owesFirstFee ? "HERE" : "ELSEWHERE",
});

export const DEFAULT_TIER_RULES: TierRules = tierRules(DEFAULT_CONVENTIONS, false);

/** Whether a quantity is in the tier that ends at `ceiling`, or in one below; null: it has no end. */
export const isWithin = (
  quantity: Decimal,
  ceiling: Decimal | null,
  { bound }: TierRules,
): boolean =>
  ceiling === null || (bound === "lower_tier" ? quantity.lte(ceiling) : quantity.lt(ceiling));
