import { type Instant, type Interval, isAfter, isBefore, sameInstant } from "../time.ts";
import type { Rate } from "./rate.ts";

/**
 * The rate that prices an hour beginning at `at`, among the rates of one product and one
 * combination of pricing values. A price change is another rate with a later start, so of all that
 * cover the hour the latest start wins; of equal starts the one added last (then the larger id, so
 * that the choice never depends on order). A rate with an end gives way to the one before it.
 */
export function rateInForce(rates: readonly Rate[], at: Instant): Rate | undefined {
  let best: Rate | undefined;
  for (const rate of rates) {
    if (isAfter(rate.startingAt, at)) continue;
    if (rate.endingBefore !== null && !isBefore(at, rate.endingBefore)) continue;
    if (best === undefined || supersedes(rate, best)) best = rate;
  }
  return best;
}

function supersedes(rate: Rate, other: Rate): boolean {
  if (!sameInstant(rate.startingAt, other.startingAt)) {
    return isAfter(rate.startingAt, other.startingAt);
  }
  if (!sameInstant(rate.addedAt, other.addedAt)) return isAfter(rate.addedAt, other.addedAt);
  return rate.id > other.id;
}

/** The instants inside the period at which the rate in force may change, unsorted. */
export function rateEdges(rates: readonly Rate[], period: Interval): Instant[] {
  return rates
    .flatMap((rate) => [rate.startingAt, rate.endingBefore])
    .filter((edge) => edge !== null)
    .filter((edge) => isAfter(edge, period.start) && isBefore(edge, period.end));
}
