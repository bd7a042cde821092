import { type Decimal, ZERO } from "../decimal.ts";
import { earlier, type Instant, type Interval, later, Temporal } from "../time.ts";
import type { Aggregation } from "./metric.ts";
import type { Rollup } from "./rollup.ts";
import { runningValues } from "./running-value.ts";

/** What a metric counted in one hour or one day. */
export interface MeteredWindow extends Interval {
  /** null: the metric's hours do not hold it (UNIQUE). */
  readonly eventCount: bigint | null;
  readonly value: Decimal;
}

const HOUR_MS = 3_600_000;

/** How long a window of the size is. */
export const HOURS_OF = { HOUR: 1, DAY: 24 } as const satisfies Record<"HOUR" | "DAY", number>;

export type MeteredSize = keyof typeof HOURS_OF;

/** The hour or the day in UTC that an instant lies in, as far as it is in the range. */
export function windowAround(at: Instant, size: MeteredSize, range: Interval): Interval {
  const lengthMs = HOURS_OF[size] * HOUR_MS;
  const startMs = Math.floor(at.epochMilliseconds / lengthMs) * lengthMs;
  const fromMs = (ms: number) => Temporal.Instant.fromEpochMilliseconds(ms);
  return {
    start: later(fromMs(startMs), range.start),
    end: earlier(fromMs(startMs + lengthMs), range.end),
  };
}

/**
 * Hours of one combination of usage, ascending, folded into windows; those without usage are absent. A
 * window has what it counted by itself: its sum, its maximum, the last reading in it.
 */
export function meteredWindows(
  aggregation: Exclude<Aggregation, "UNIQUE">,
  hours: readonly Rollup[],
  size: MeteredSize,
  range: Interval,
): MeteredWindow[] {
  const lengthMs = HOURS_OF[size] * HOUR_MS;
  const parts = Map.groupBy(hours, ({ hourStart }) =>
    Math.floor(hourStart.epochMilliseconds / lengthMs),
  );
  return [...parts.values()].flatMap((rows) => {
    const [first] = rows;
    if (first === undefined) return [];
    const window = windowAround(first.hourStart, size, range);
    const [running] = runningValues(aggregation, rows, [window.end]);
    return [{ ...window, eventCount: running?.eventCount ?? 0n, value: running?.value ?? ZERO }];
  });
}
