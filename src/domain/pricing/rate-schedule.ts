import { groupValuesKey } from "../metering/group-values.ts";
import { type Instant, isAfter, Temporal } from "../time.ts";
import type { Rate } from "./rate.ts";
import { rateInForce } from "./rate-in-force.ts";

/** A stretch of time in which one rate prices one product and one combination. */
export interface RateSegment {
  readonly rate: Rate;
  readonly startingAt: Instant;
  /** Exclusive; null: no later rate is known. */
  readonly endingBefore: Instant | null;
}

/**
 * What is in force when, for rates of any products: for each product and combination of pricing
 * values its segments in order of time. Products and combinations come in the order of their first
 * rate. Times at which nothing is in force are gaps.
 */
export function rateSchedule(rates: readonly Rate[]): RateSegment[] {
  const groups = Map.groupBy(
    rates,
    (rate) =>
      `${rate.productId} ${rate.billingFrequency} ${groupValuesKey(rate.pricingGroupValues)}`,
  );
  return [...groups.values()].flatMap(segmentsOf);
}

function segmentsOf(rates: readonly Rate[]): RateSegment[] {
  const segments: RateSegment[] = [];
  const edges = edgesOf(rates);
  for (const [n, startingAt] of edges.entries()) {
    const rate = rateInForce(rates, startingAt);
    if (rate === undefined) continue;
    const endingBefore = edges[n + 1] ?? rate.endingBefore;
    const last = segments.at(-1);
    if (last?.rate === rate && last.endingBefore?.equals(startingAt)) {
      segments[segments.length - 1] = { ...last, endingBefore };
    } else {
      segments.push({ rate, startingAt, endingBefore });
    }
  }
  return segments;
}

function edgesOf(rates: readonly Rate[]): Instant[] {
  const all = rates
    .flatMap((rate) => [rate.startingAt, rate.endingBefore])
    .filter((edge) => edge !== null)
    .sort(Temporal.Instant.compare);
  return all.filter((edge, n) => n === 0 || !edge.equals(all[n - 1] ?? edge.add({ hours: 1 })));
}

/** Whether a segment covers the instant. */
export const coversInstant = (segment: RateSegment, at: Instant): boolean =>
  !isAfter(segment.startingAt, at) &&
  (segment.endingBefore === null || isAfter(segment.endingBefore, at));
