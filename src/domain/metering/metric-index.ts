import type { Metric } from "./metric.ts";

/** The metrics that could match an event of this type, without looking at all the others. */
export type MetricIndex = (eventType: string) => readonly Metric[];

/** Files metrics under the event types they name; those that name none are looked at always. */
export function indexMetrics(metrics: readonly Metric[]): MetricIndex {
  const open = metrics.filter((metric) => metric.eventTypeFilter?.inValues === undefined);
  const byType = new Map<string, Metric[]>();
  for (const metric of metrics) {
    for (const type of new Set(metric.eventTypeFilter?.inValues)) {
      const named = byType.get(type);
      if (named === undefined) byType.set(type, [...open, metric]);
      else named.push(metric);
    }
  }
  return (eventType) => byType.get(eventType) ?? open;
}
