import { dec, ZERO } from "../decimal.ts";
import { type Instant, type Interval, instantText, sameInstant } from "../time.ts";
import { groupPicker, groupValuesKey, pickGroupValues, rowGrouper } from "./group-values.ts";
import type { Metric } from "./metric.ts";
import type { DistinctCounts, DistinctWindow, GroupValues, MetricRollups } from "./rollup.ts";
import {
  type Edge,
  type HourRow,
  hourlyValues,
  type RunningValue,
  toHourRow,
} from "./running-value.ts";

/** A customer's usage, ready to be read by metric and period. */
export interface UsageIndex {
  /** By metric, ascending by hour. */
  readonly rows: ReadonlyMap<string, readonly HourRow[]>;
  readonly distinct: ReadonlyMap<string, DistinctCounts>;
}

/** The usage of one combination of group values in one billing period. */
export interface UsageCombination {
  readonly groupValues: GroupValues;
  /** groupValuesKey of them. */
  readonly key: string;
  /** Running values since the start of the period, at ascending edges. */
  readonly valuesAt: (edges: readonly Edge[]) => RunningValue[];
}

/** Sorts usage once, however many products and periods read it. Rows of one metric may be split. */
export function indexUsage(
  rollups: readonly MetricRollups[],
  distinctCounts: readonly DistinctCounts[],
): UsageIndex {
  const rows = new Map<string, HourRow[]>();
  for (const metric of rollups) {
    const list = rows.get(metric.metricId) ?? [];
    for (const row of metric.rows) list.push(toHourRow(row));
    rows.set(metric.metricId, list);
  }
  for (const list of rows.values()) list.sort((a, b) => a.hourMs - b.hourMs);
  const distinct = new Map(distinctCounts.map((counts) => [distinctWindowKey(counts), counts]));
  return { rows, distinct };
}

/** One text per window, whatever order its group keys are in. */
export const distinctWindowKey = (window: DistinctWindow): string =>
  JSON.stringify([
    window.metricId,
    window.groupKeys.toSorted(),
    instantText(window.start),
    instantText(window.end),
  ]);

/**
 * The combinations of the given group keys that have usage in `run`, a part of the billing period
 * that began at `periodStart`, sorted by their values. Throws when a distinct count is missing.
 */
export function usageCombinations(
  index: UsageIndex,
  metric: Metric,
  groupKeys: readonly string[],
  periodStart: Instant,
  run: Interval,
): UsageCombination[] {
  const combinations =
    metric.aggregation === "UNIQUE"
      ? distinctCombinations(index, {
          metricId: metric.id,
          groupKeys,
          start: periodStart,
          end: run.end,
        })
      : summedCombinations(index, metric.id, metric.aggregation, groupKeys, periodStart, run);
  return combinations.sort((a, b) => (a.key < b.key ? -1 : 1));
}

function summedCombinations(
  index: UsageIndex,
  metricId: string,
  aggregation: Exclude<Metric["aggregation"], "UNIQUE">,
  groupKeys: readonly string[],
  periodStart: Instant,
  run: Interval,
): UsageCombination[] {
  const all = index.rows.get(metricId) ?? [];
  const runStartMs = run.start.epochMilliseconds;
  const groups = new Map<string, { rows: HourRow[]; inRun: boolean }>();
  const from = firstAtOrAfter(all, periodStart.epochMilliseconds);
  const to = firstAtOrAfter(all, run.end.epochMilliseconds);
  const groupOf = rowGrouper(groupKeys);
  for (const hour of all.slice(from, to)) {
    const text = groupOf(hour.row.groupValues);
    const group = groups.get(text);
    const inRun = hour.hourMs >= runStartMs;
    if (group === undefined) groups.set(text, { rows: [hour], inRun });
    else {
      group.rows.push(hour);
      group.inRun ||= inRun;
    }
  }
  const pick = groupPicker(groupKeys);
  return [...groups.values()]
    .filter(({ inRun }) => inRun)
    .map(({ rows }) => {
      const groupValues = pick(rows[0]?.row.groupValues ?? {});
      return {
        key: groupValuesKey(groupValues),
        groupValues,
        valuesAt: (edges) => hourlyValues(aggregation, rows, edges),
      };
    });
}

function firstAtOrAfter(rows: readonly HourRow[], limitMs: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    if (row !== undefined && row.hourMs < limitMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Counts since the period's start only grow, so the last window knows every combination. */
function distinctCombinations(index: UsageIndex, whole: DistinctWindow): UsageCombination[] {
  const countsUntil = distinctReader(index, whole);
  return answerTo(index, whole).counts.map((counted) => {
    const groupValues = pickGroupValues(counted.groupValues, whole.groupKeys);
    const key = groupValuesKey(groupValues);
    const valueAt = (edge: Edge) =>
      sameInstant(edge.at, whole.start) ? ZERO : dec(String(countsUntil(edge).get(key) ?? 0n));
    return {
      key,
      groupValues,
      valuesAt: (edges) => edges.map((edge) => ({ value: valueAt(edge), eventCount: null })),
    };
  });
}

/** Reads each window's answer once: there are many combinations and few edges. */
function distinctReader(index: UsageIndex, whole: DistinctWindow) {
  const known = new Map<number, ReadonlyMap<string, bigint>>();
  return ({ at: end, ms }: Edge): ReadonlyMap<string, bigint> => {
    const cached = known.get(ms);
    if (cached !== undefined) return cached;
    const counts = new Map<string, bigint>();
    for (const { groupValues, count } of answerTo(index, { ...whole, end }).counts) {
      counts.set(groupValuesKey(pickGroupValues(groupValues, whole.groupKeys)), count);
    }
    known.set(ms, counts);
    return counts;
  };
}

function answerTo(index: UsageIndex, window: DistinctWindow): DistinctCounts {
  const answer = index.distinct.get(distinctWindowKey(window));
  if (answer === undefined)
    throw new RangeError(`No distinct count for ${distinctWindowKey(window)}`);
  return answer;
}
