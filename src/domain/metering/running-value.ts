import { type Decimal, dec, max, ZERO } from "../decimal.ts";
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

/**
 * The metric's value at each edge, from the first row on. `rows` are one combination's, ascending
 * by hour, none before the billing period; `edges` ascend.
 *
 * Every aggregation is read as a running value and a window is billed its increment, so windows add
 * up to the period's value however it is cut: the sum, the maximum, the latest value (this is how
 * LATEST goes 7, 9, 10, 5 and bills +7, +2, +1, -5). Before the first event the value is 0.
 */
export function runningValues(
  aggregation: Exclude<Aggregation, "UNIQUE">,
  rows: readonly Rollup[],
  edges: readonly Instant[],
): RunningValue[] {
  const add = FOLD[aggregation];
  let state: State = { value: ZERO, latest: null, any: false };
  let eventCount = 0n;
  let next = 0;
  return edges.map((edge) => {
    const limit = edge.epochMilliseconds;
    for (; next < rows.length; next += 1) {
      const row = rows[next];
      if (row === undefined || row.hourStart.epochMilliseconds >= limit) break;
      state = add(state, row);
      eventCount += row.count;
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
  COUNT: (state, row) => ({ ...state, value: state.value.plus(dec(row.count.toString())) }),
  SUM: (state, row) => ({ ...state, value: state.value.plus(row.sum) }),
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
