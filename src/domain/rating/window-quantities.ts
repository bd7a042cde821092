import { type Decimal, minus, plus, ZERO } from "../decimal.ts";
import type { Course } from "../invoices/course.ts";
import type { TraceStep } from "../invoices/trace.ts";
import type { Metric } from "../metering/metric.ts";
import { type Edge, type RunningValue, toEdge } from "../metering/running-value.ts";
import type { UsageCombination } from "../metering/usage-index.ts";
import { convertQuantity, roundQuantity } from "../pricing/billable-quantity.ts";
import type { ProductVersion } from "../pricing/product.ts";
import type { Instant, Interval } from "../time.ts";

/** What one combination of a product used in one window, in priced units. */
export interface WindowQuantity<Window extends Interval = Interval> {
  readonly window: Window;
  /** The billing period's running quantity at the window's edges: what tiers are read on. */
  readonly before: Decimal;
  readonly after: Decimal;
  /** Something was metered, even if it adds up to nothing. */
  readonly isUsed: boolean;
  readonly trace: readonly TraceStep[];
  /** Of the running quantity, to the window's end; absent: nobody asked for it. */
  readonly course?: Course;
}

/** Windows that follow on each other, and all their edges: one more than windows. */
export interface CutRun<Window extends Interval> {
  readonly windows: readonly Window[];
  readonly edges: readonly Edge[];
}

export const toCutRun = <Window extends Interval>(windows: readonly Window[]): CutRun<Window> => ({
  windows,
  edges: [...windows.slice(0, 1).map(({ start }) => start), ...windows.map(({ end }) => end)].map(
    toEdge,
  ),
});

/**
 * The priced quantities of a run's windows. Conversion and rounding act
 * on the running value and a window gets the difference: a period is thus rounded once, and windows
 * add up to the same total however many price changes or commit edges cut it. `carried` is the
 * running quantity that an earlier run of the same period ended with.
 */
export function windowQuantities<Window extends Interval>(
  metric: Metric,
  version: ProductVersion,
  combination: UsageCombination,
  { windows, edges }: CutRun<Window>,
  carried: Decimal,
): WindowQuantity<Window>[] {
  const values = combination.valuesAt(edges);
  const base = values[0]?.value ?? ZERO;
  const points = values.map((running) => toPoint(version, base, running, carried));
  let start = points[0] ?? NOWHERE;
  return windows.map((window, i) => {
    const end = points[i + 1] ?? NOWHERE;
    const quantity = {
      window,
      before: start.quantity,
      after: end.quantity,
      isUsed: start.eventCount !== end.eventCount || !start.rounded.eq(end.rounded),
      trace: toTrace(metric, version, window, start, end),
    };
    start = end;
    return quantity;
  });
}

/** As windowQuantities: the running quantity at ascending edges of a run that begins at `start`. */
export function runningQuantities(
  version: ProductVersion,
  combination: UsageCombination,
  start: Instant,
  edges: readonly Edge[],
  carried: Decimal,
): Decimal[] {
  const [base, ...values] = combination.valuesAt([toEdge(start), ...edges]);
  return values.map((running) => toPoint(version, base?.value ?? ZERO, running, carried).quantity);
}

/** A running value on its way to a priced quantity. */
interface Point extends RunningValue {
  readonly converted: Decimal;
  readonly rounded: Decimal;
  /** Of the whole billing period until here. */
  readonly quantity: Decimal;
}

const NOWHERE: Point = {
  value: ZERO,
  eventCount: null,
  converted: ZERO,
  rounded: ZERO,
  quantity: ZERO,
};

function toPoint(
  version: ProductVersion,
  base: Decimal,
  { value, eventCount }: RunningValue,
  carried: Decimal,
): Point {
  const { quantityConversion: conversion, quantityRounding: rounding } = version;
  const raw = minus(value, base);
  const converted = conversion === null ? raw : convertQuantity(raw, conversion);
  const rounded = rounding === null ? converted : roundQuantity(converted, rounding);
  return { value, eventCount, converted, rounded, quantity: plus(carried, rounded) };
}

function toTrace(
  metric: Metric,
  version: ProductVersion,
  window: Interval,
  start: Point,
  end: Point,
): TraceStep[] {
  const { quantityConversion: conversion, quantityRounding: rounding } = version;
  const steps: TraceStep[] = [
    {
      step: "usage",
      metricId: metric.id,
      aggregation: metric.aggregation,
      windowStart: window.start,
      windowEnd: window.end,
      valueAtStart: start.value,
      valueAtEnd: end.value,
      eventCount:
        start.eventCount === null || end.eventCount === null
          ? null
          : end.eventCount - start.eventCount,
    },
  ];
  if (conversion !== null) {
    const values = { valueAtStart: start.converted, valueAtEnd: end.converted };
    steps.push({ step: "conversion", ...conversion, ...values });
  }
  if (rounding !== null) {
    const values = { valueAtStart: start.rounded, valueAtEnd: end.rounded };
    steps.push({ step: "rounding", ...rounding, ...values });
  }
  return steps;
}
