import type { Decimal } from "../decimal.ts";

/** How matching events of one metric become one number per window. */
export type Aggregation = "COUNT" | "SUM" | "MAX" | "LATEST" | "UNIQUE";

/** Which event types belong to a metric. Neither list: all of them. */
export interface EventTypeFilter {
  readonly inValues?: readonly string[];
  readonly notInValues?: readonly string[];
}

/** One condition on one event property. All conditions of a metric must hold. */
export interface PropertyFilter {
  readonly name: string;
  /** true: must be present; false: must be absent; undefined: either. */
  readonly exists?: boolean;
  readonly inValues?: readonly string[];
  readonly notInValues?: readonly string[];
}

/** The rule that picks events and reads a number (or a distinct text) from each. */
export interface Metric {
  readonly id: string;
  readonly aggregation: Aggregation;
  /** Property that carries the value. null for COUNT, which needs none. */
  readonly aggregationKey: string | null;
  readonly eventTypeFilter: EventTypeFilter | null;
  readonly propertyFilters: readonly PropertyFilter[];
  /** Compound keys: each inner array is one set of properties that usage may be grouped by. */
  readonly groupKeys: readonly (readonly string[])[];
}

/** What the public API allows as the value of an event property. Nested values match nothing. */
export type PropertyValue = string | number | boolean | Decimal;

/**
 * The part of a usage event that metering reads. Numbers that were written as JSON numbers should
 * arrive as Decimal or as their source text, so that no digit is lost on the way.
 */
export interface MeteredEvent {
  readonly eventType: string;
  readonly properties: Readonly<Record<string, unknown>>;
}
