import type { ProrationBasis } from "../conventions.ts";
import { type Decimal, dec, divide } from "../decimal.ts";
import { type AmountRounding, roundQuotient } from "../round-quotient.ts";
import type { Instant, Interval } from "../time.ts";
import { dayNumber, thirtyDayNumber } from "./day-count.ts";

/**
 * A share of a period as two whole numbers, so that nothing is divided before it has to be:
 * milliseconds by time, days otherwise.
 */
export interface PeriodShare {
  readonly part: Decimal;
  /** More than 0. */
  readonly whole: Decimal;
}

/**
 * The share of `whole` that `part` takes. Parts that follow on each other have shares that add up,
 * and those that fill the period add up to all of it, on every basis:
 *
 * - time: by milliseconds.
 * - days: by calendar days in UTC. The day in which something begins counts, the day in which it
 *   ends does not.
 * - thirty_day_months: as days, where every month has 30 (see thirtyDayNumber). A period of less
 *   than 28 days is none of months: its days count as they are.
 */
export const shareOf = (part: Interval, whole: Interval, basis: ProrationBasis): PeriodShare =>
  shareOfAll([part], whole, basis);

/** The share of `whole` that these parts of it take together. They must not overlap. */
export function shareOfAll(
  parts: readonly Interval[],
  whole: Interval,
  basis: ProrationBasis,
): PeriodShare {
  const at = measure(whole, basis);
  const length = ({ start, end }: Interval): number => at(end) - at(start);
  const part = parts.reduce((sum, one) => sum + length(one), 0);
  return { part: dec(String(part)), whole: dec(String(length(whole))) };
}

/** Whether the share is less than everything. */
export const isPartial = ({ part, whole }: PeriodShare): boolean => !part.eq(whole);

/** amount x part / whole, exact or to 12 decimals. */
export const prorate = (amount: Decimal, share: PeriodShare): Decimal =>
  isPartial(share) ? divide(amount.times(share.part), share.whole) : amount;

/** amount x part / whole, rounded once as agreed. */
export const prorateRounded = (
  amount: Decimal,
  { part, whole }: PeriodShare,
  rounding: AmountRounding,
): Decimal => roundQuotient(amount.times(part), whole, rounding);

const SHORTEST_MONTH_MS = 28 * 86_400_000;

/** Where an instant stands on the basis's scale, on which lengths are differences. */
function measure({ start, end }: Interval, basis: ProrationBasis): (at: Instant) => number {
  if (basis === "time") return ({ epochMilliseconds }) => epochMilliseconds;
  const hasMonths = end.epochMilliseconds - start.epochMilliseconds >= SHORTEST_MONTH_MS;
  return basis === "thirty_day_months" && hasMonths ? thirtyDayNumber : dayNumber;
}
