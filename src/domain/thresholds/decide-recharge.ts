import { type Decimal, ZERO } from "../decimal.ts";

/** When a balance is recharged, and how far, in the unit that the balance is counted in. */
export interface RechargeTerms {
  /** At this balance, or below it, the commit is bought. */
  readonly threshold: Decimal;
  readonly rechargeTo: Decimal;
  /** What one unit costs: 1 where the balance is money. */
  readonly unitPrice: Decimal;
  /** What of the price is paid: 1 without a discount. */
  readonly paymentFraction: Decimal;
}

/** A commit to buy: what it grants, and what is paid for it. */
export interface ThresholdPurchase {
  readonly grants: Decimal;
  readonly costs: Decimal;
}

/**
 * What to buy at this balance: what is missing to `rechargeTo`; null while it is above the threshold
 * (Metronome docs: "Set prepaid balance thresholds").
 */
export function decideRecharge(
  balance: Decimal,
  { threshold, rechargeTo, unitPrice, paymentFraction }: RechargeTerms,
): ThresholdPurchase | null {
  if (balance.gt(threshold)) return null;
  const grants = rechargeTo.minus(balance);
  return { grants, costs: grants.times(unitPrice).times(paymentFraction) };
}

/** When usage is billed before its period ends. */
export interface SpendTerms {
  /** At this much unpaid usage, or more, it is billed. */
  readonly threshold: Decimal;
  readonly paymentFraction: Decimal;
}

/**
 * What to buy at this much unpaid usage: a commit that covers all of it; null while it is below the
 * threshold (Metronome docs: "Enforce spend thresholds").
 */
export function decideSpend(
  unpaid: Decimal,
  { threshold, paymentFraction }: SpendTerms,
): ThresholdPurchase | null {
  if (unpaid.lt(threshold) || unpaid.lte(ZERO)) return null;
  return { grants: unpaid, costs: unpaid.times(paymentFraction) };
}
