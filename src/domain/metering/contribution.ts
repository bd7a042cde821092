import type { Decimal } from "../decimal.ts";
import { matchEvent, propertyNumber, propertyText } from "./match-event.ts";
import type { MeteredEvent, Metric } from "./metric.ts";
import type { GroupValues } from "./rollup.ts";

/** What one event adds to one metric. */
export interface Contribution {
  /** Every property that any group key of the metric names and the event carries. */
  readonly groupValues: GroupValues;
  /** The number, for SUM, MAX and LATEST; null for COUNT and UNIQUE. */
  readonly value: Decimal | null;
  /** The text that is counted once, for UNIQUE; else null. */
  readonly uniqueText: string | null;
}

/**
 * What an event adds to a metric, or undefined when it does not count: a filter refuses it, or the
 * aggregated property is absent or, where a number is needed, not one.
 */
export function toContribution(metric: Metric, event: MeteredEvent): Contribution | undefined {
  if (!matchEvent(metric, event)) return undefined;
  const groupValues = readGroupValues(metric, event);
  if (metric.aggregation === "COUNT") return { groupValues, value: null, uniqueText: null };
  if (metric.aggregationKey === null) return undefined;
  if (metric.aggregation === "UNIQUE") {
    const uniqueText = propertyText(event, metric.aggregationKey);
    return uniqueText === undefined ? undefined : { groupValues, value: null, uniqueText };
  }
  const value = propertyNumber(event, metric.aggregationKey);
  return value === undefined ? undefined : { groupValues, value, uniqueText: null };
}

function readGroupValues(metric: Metric, event: MeteredEvent): GroupValues {
  const values: [string, string][] = [];
  for (const key of metric.groupKeys) {
    for (const name of key) {
      const text = propertyText(event, name);
      if (text !== undefined) values.push([name, text]);
    }
  }
  return Object.fromEntries(values);
}
