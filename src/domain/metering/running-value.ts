import { type Decimal, dec, max, plus, ZERO } from "../decimal.ts";
import type { Instant } from "../time.ts";
import type { Aggregation } from "./metric.ts";
import { newerOf } from "./roll-up.ts";
import type { Rollup } from "./rollup.ts";

/** What a metric stood at, counted from the start of the billing period. */
export interface RunningValue {
  readonly value: Decimal;
  /** Events so far; null where rollups do not hold it (UNIQUE). */
  readonly eventCount: bigint | null;
}

/** An hour of usage, with its start in milliseconds: rows are many, and sorted and cut by it. */
export interface HourRow {
  readonly hourMs: number;
  readonly row: Rollup;
}

export const toHourRow = (row: Rollup): HourRow => ({
  hourMs: row.hourStart.epochMilliseconds,
  row,
});

/** An end of a window, with its milliseconds: many combinations are read at the same edges. */
export interface Edge {
  readonly at: Instant;
  readonly ms: number;
}

export const toEdge = (at: Instant): Edge => ({ at, ms: at.epochMilliseconds });

/**
 * The metric's value at each edge, from the first row on. `rows` are one combination's, ascending
 * by hour, none before the billing period; `edges` ascend.
 *
 * Every aggregation is read as a running value and a window is billed its increment, so windows add
 * up to the period's value however it is cut: the sum, the maximum, the latest value (this is how
 * LATEST goes 7, 9, 10, 5 and bills +7, +2, +1, -5). Before the first event the value is 0.
 */
export const runningValues = (
  aggregation: Exclude<Aggregation, "UNIQUE">,
  rows: readonly Rollup[],
  edges: readonly Instant[],
): RunningValue[] => hourlyValues(aggregation, rows.map(toHourRow), edges.map(toEdge));

/** As runningValues, where rows and edges know their milliseconds. */
export function hourlyValues(
  aggregation: Exclude<Aggregation, "UNIQUE">,
  rows: readonly HourRow[],
  edges: readonly Edge[],
): RunningValue[] {
  const add = FOLD[aggregation];
  let state: State = { value: ZERO, latest: null, any: false };
  let eventCount = 0n;
  let next = 0;
  return edges.map(({ ms: limitMs }) => {
    for (; next < rows.length; next += 1) {
      const hour = rows[next];
      if (hour === undefined || hour.hourMs >= limitMs) break;
      state = add(state, hour.row);
      eventCount += hour.row.count;
    }
    return { value: state.value, eventCount };
  });
}

interface State {
  readonly value: Decimal;
  readonly latest: Rollup["latest"];
  /** Whether a maximum was seen: 0 is not the maximum of negative numbers. */
  readonly any: boolean;
}

const FOLD: Record<Exclude<Aggregation, "UNIQUE">, (state: State, row: Rollup) => State> = {
  COUNT: ({ value, latest, any }, row) => ({
    value: plus(value, dec(row.count.toString())),
    latest,
    any,
  }),
  SUM: ({ value, latest, any }, row) => ({ value: plus(value, row.sum), latest, any }),
  MAX: (state, row) =>
    row.max === null
      ? state
      : { ...state, value: state.any ? max(state.value, row.max) : row.max, any: true },
  LATEST: (state, row) => {
    if (row.latest === null) return state;
    const latest = newerOf(state.latest, row.latest);
    return { ...state, value: latest.value, latest };
  },
};
