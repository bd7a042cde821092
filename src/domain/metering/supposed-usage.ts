import { type Instant, isBefore } from "../time.ts";
import { toContribution } from "./contribution.ts";
import { groupPicker, groupValuesKey } from "./group-values.ts";
import type { MeteredEvent, Metric } from "./metric.ts";
import { hourOf, rollUp, type TimedEvent } from "./roll-up.ts";
import type { DistinctCounts, GroupValues, MetricRollups } from "./rollup.ts";

/** A value that a UNIQUE metric saw. */
export interface DistinctValue {
  readonly metricId: string;
  readonly hourStart: Instant;
  readonly groupValues: GroupValues;
  /** What is compared: the text, or a digest of it. */
  readonly value: string;
}

/** What events add to metrics that roll up. Added to other rows of the same hours they count on top. */
export const supposedRollups = (
  metrics: readonly Metric[],
  events: readonly TimedEvent[],
): MetricRollups[] =>
  metrics
    .filter(({ aggregation }) => aggregation !== "UNIQUE")
    .map((metric) => ({ metricId: metric.id, rows: rollUp(metric, events) }));

/** The values that events show to UNIQUE metrics; `digest` makes of a text what is compared. */
export const supposedValues = (
  metrics: readonly Metric[],
  events: readonly (MeteredEvent & { readonly timestamp: Instant })[],
  digest: (text: string) => string,
): DistinctValue[] =>
  metrics
    .filter(({ aggregation }) => aggregation === "UNIQUE")
    .flatMap((metric) =>
      events.flatMap((event): DistinctValue[] => {
        const contribution = toContribution(metric, event);
        if (contribution === undefined || contribution.uniqueText === null) return [];
        const { groupValues, uniqueText } = contribution;
        const hourStart = hourOf(event.timestamp);
        return [{ metricId: metric.id, hourStart, groupValues, value: digest(uniqueText) }];
      }),
    );

/**
 * The distinct counts when more values were seen: a value counts in a window and combination of groups
 * where it was not seen before. `seen` holds where the same values were, as far as they are counted.
 */
export function withDistinctValues(
  counts: readonly DistinctCounts[],
  added: readonly DistinctValue[],
  seen: readonly DistinctValue[],
): DistinctCounts[] {
  return counts.map((window) => {
    const known = valuesIn(window, seen);
    const more = valuesIn(window, added);
    if (more.size === 0) return window;
    const byGroup = new Map(
      window.counts.map((counted) => [groupValuesKey(counted.groupValues), counted]),
    );
    for (const [key, { groupValues, values }] of more) {
      const before = known.get(key)?.values;
      const fresh = [...values].filter((value) => !before?.has(value)).length;
      const count = (byGroup.get(key)?.count ?? 0n) + BigInt(fresh);
      byGroup.set(key, { groupValues, count });
    }
    return { ...window, counts: [...byGroup.values()] };
  });
}

/** The values in a window, apart for each combination of its group keys. */
function valuesIn(
  { metricId, groupKeys, start, end }: DistinctCounts,
  all: readonly DistinctValue[],
): Map<string, { groupValues: GroupValues; values: Set<string> }> {
  const pick = groupPicker(groupKeys);
  const groups = new Map<string, { groupValues: GroupValues; values: Set<string> }>();
  for (const { value, hourStart, ...seen } of all) {
    if (seen.metricId !== metricId) continue;
    if (isBefore(hourStart, start) || !isBefore(hourStart, end)) continue;
    const groupValues = pick(seen.groupValues);
    const key = groupValuesKey(groupValues);
    const group = groups.get(key) ?? { groupValues, values: new Set() };
    group.values.add(value);
    groups.set(key, group);
  }
  return groups;
}
