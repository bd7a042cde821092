import type { Decimal } from "../decimal.ts";
import type { Instant } from "../time.ts";

/** Values of the group-key properties, by property name. */
export type GroupValues = Readonly<Record<string, string>>;

/**
 * All events of one metric, one hour and one combination of group values, folded into the numbers
 * that COUNT, SUM, MAX and LATEST need. Rows of several combinations may be added up again, so a
 * row carries every group-key property of its metric and a product reads the ones it prices by.
 */
export interface Rollup {
  /** The hour is [hourStart, hourStart + 1 h). */
  readonly hourStart: Instant;
  readonly groupValues: GroupValues;
  /** Events counted. */
  readonly count: bigint;
  readonly sum: Decimal;
  /** null when no event carried a number. */
  readonly max: Decimal | null;
  /** The newest number by event timestamp; of two at the same instant the larger one. */
  readonly latest: { readonly value: Decimal; readonly at: Instant } | null;
}

/** The rollup rows of one metric for one customer, in any order. */
export interface MetricRollups {
  readonly metricId: string;
  readonly rows: readonly Rollup[];
}

/**
 * A distinct count that a UNIQUE metric needs: values seen in [start, end), apart for each
 * combination of `groupKeys`. Distinct counts do not add up, so each window is counted on its own.
 */
export interface DistinctWindow {
  readonly metricId: string;
  readonly groupKeys: readonly string[];
  readonly start: Instant;
  readonly end: Instant;
}

/** The answer to one DistinctWindow. A window without usage has an empty list, never no answer. */
export interface DistinctCounts extends DistinctWindow {
  readonly counts: readonly { readonly groupValues: GroupValues; readonly count: bigint }[];
}
