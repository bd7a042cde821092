import { type Decimal, max, ZERO } from "../decimal.ts";
import type { Instant } from "../time.ts";
import { type Contribution, toContribution } from "./contribution.ts";
import { groupValuesKey } from "./group-values.ts";
import type { MeteredEvent, Metric } from "./metric.ts";
import type { Rollup } from "./rollup.ts";

export interface TimedEvent extends MeteredEvent {
  readonly transactionId: string;
  readonly timestamp: Instant;
}

/**
 * Folds events into hourly rollup rows, as ingest does in SQL. A transaction id counts once: the
 * first event with it wins. Apart from that the order of the events does not matter. UNIQUE metrics
 * have no rollups; their events only count.
 */
export function rollUp(metric: Metric, events: Iterable<TimedEvent>): Rollup[] {
  const seen = new Set<string>();
  const rows = new Map<string, Rollup>();
  for (const event of events) {
    if (seen.has(event.transactionId)) continue;
    seen.add(event.transactionId);
    const contribution = toContribution(metric, event);
    if (contribution === undefined) continue;
    const hourStart = hourOf(event.timestamp);
    const key = `${hourStart.epochMilliseconds}/${groupValuesKey(contribution.groupValues)}`;
    const row = rows.get(key) ?? emptyRow(hourStart, contribution);
    rows.set(key, addTo(row, contribution, event.timestamp));
  }
  return [...rows.values()];
}

/** The hour that an instant lies in. */
export const hourOf = (at: Instant): Instant =>
  at.round({ smallestUnit: "hour", roundingMode: "floor" });

const emptyRow = (hourStart: Instant, { groupValues }: Contribution): Rollup => ({
  hourStart,
  groupValues,
  count: 0n,
  sum: ZERO,
  max: null,
  latest: null,
});

function addTo(row: Rollup, { value }: Contribution, at: Instant): Rollup {
  const count = row.count + 1n;
  if (value === null) return { ...row, count };
  return {
    ...row,
    count,
    sum: row.sum.plus(value),
    max: row.max === null ? value : max(row.max, value),
    latest: newerOf(row.latest, { value, at }),
  };
}

interface Reading {
  readonly value: Decimal;
  readonly at: Instant;
}

/** The newer reading; of two at one instant the larger, so that arrival order cannot decide. */
export function newerOf(a: Reading | null, b: Reading): Reading {
  if (a === null) return b;
  const distance = b.at.epochNanoseconds - a.at.epochNanoseconds;
  if (distance === 0n) return b.value.gt(a.value) ? b : a;
  return distance > 0n ? b : a;
}
