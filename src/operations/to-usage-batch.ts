import { hash } from "node:crypto";
import { toText } from "../domain/decimal.ts";
import { toContribution } from "../domain/metering/contribution.ts";
import { groupValuesKey } from "../domain/metering/group-values.ts";
import type { MeteredEvent, Metric } from "../domain/metering/metric.ts";
import { indexMetrics, type MetricIndex } from "../domain/metering/metric-index.ts";
import type { GroupValues } from "../domain/metering/rollup.ts";
import type { UsageEvent } from "../domain/metering/usage-event.ts";
import type {
  UsageContribution,
  UsageContributions,
  UsageGroup,
} from "../store/sql/record-usage.ts";
import type { BatchEvent } from "../store/usage-events.ts";

/** Metrics ready for matching. */
export interface MetricCatalogue {
  readonly candidates: MetricIndex;
  readonly metrics: UsageContributions["metrics"];
  /** Place of each metric in `metrics`. */
  readonly places: ReadonlyMap<string, number>;
}

export function toMetricCatalogue(metrics: readonly Metric[]): MetricCatalogue {
  return {
    candidates: indexMetrics(metrics),
    metrics: metrics.map(({ id, aggregation }) => ({ id, keepsLatest: aggregation === "LATEST" })),
    places: new Map(metrics.map(({ id }, place) => [id, place])),
  };
}

/** md5 as a uuid: the database's narrowest type for it. */
export const hashText = (text: string): string => hash("md5", text);

/**
 * The global identity of an event. The environment is part of it, its time and customer are not: a
 * transaction id counts once, forever.
 */
export const toEventKey = (environmentId: string, transactionId: string): string =>
  hashText(`${environmentId}:${transactionId}`);

/** Keys the events and drops repeats within the list: the first with a transaction id wins. */
export function toBatchEvents(
  environmentId: string,
  events: Iterable<UsageEvent>,
  isTooOld: (event: UsageEvent) => boolean,
): BatchEvent[] {
  const byKey = new Map<string, BatchEvent>();
  for (const event of events) {
    const key = toEventKey(environmentId, event.transactionId);
    if (!byKey.has(key)) byKey.set(key, { key, event, counts: !isTooOld(event) });
  }
  return [...byKey.values()];
}

/** What the events add to each metric. `undefined` in the list counts for nothing. */
export function toContributions(
  catalogue: MetricCatalogue,
  events: readonly (MeteredEvent | undefined)[],
): UsageContributions {
  const groups = new Map<string, UsageGroup & { readonly place: number }>();
  const places = new Map<string, number>();
  const groupPlace = (values: GroupValues): number => {
    const text = JSON.stringify(values);
    const known = places.get(text);
    if (known !== undefined) return known;
    // Two metrics may name the same properties in another order; the canonical key is one.
    const key = groupValuesKey(values);
    const group = groups.get(key) ?? { place: groups.size, hash: hashText(key), values: text };
    groups.set(key, group);
    places.set(text, group.place);
    return group.place;
  };
  const contributions: UsageContribution[] = [];
  events.forEach((event, place) => {
    if (event === undefined) return;
    for (const metric of catalogue.candidates(event.eventType)) {
      const contribution = toContribution(metric, event);
      if (contribution === undefined) continue;
      const { groupValues, value, uniqueText } = contribution;
      contributions.push({
        event: place,
        metric: catalogue.places.get(metric.id) ?? -1,
        group: groupPlace(groupValues),
        value: value === null ? null : toText(value),
        valueHash: uniqueText === null ? null : hashText(uniqueText),
      });
    }
  });
  return { metrics: catalogue.metrics, groups: [...groups.values()], contributions };
}
