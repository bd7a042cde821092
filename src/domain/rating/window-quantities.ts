import { type Decimal, ZERO } from "../decimal.ts";
import type { TraceStep } from "../invoices/trace.ts";
import type { Metric } from "../metering/metric.ts";
import type { RunningValue } from "../metering/running-value.ts";
import type { UsageCombination } from "../metering/usage-index.ts";
import { convertQuantity, roundQuantity } from "../pricing/billable-quantity.ts";
import type { ProductVersion } from "../pricing/product.ts";
import type { Interval } from "../time.ts";

/** What one combination of a product used in one window, in priced units. */
export interface WindowQuantity<Window extends Interval = Interval> {
  readonly window: Window;
  /** The billing period's running quantity at the window's edges: what tiers are read on. */
  readonly before: Decimal;
  readonly after: Decimal;
  /** Something was metered, even if it adds up to nothing. */
  readonly isUsed: boolean;
  readonly trace: readonly TraceStep[];
}

/**
 * The priced quantities of a run's windows, which follow on each other. Conversion and rounding act
 * on the running value and a window gets the difference: a period is thus rounded once, and windows
 * add up to the same total however many price changes or commit edges cut it. `carried` is the
 * running quantity that an earlier run of the same period ended with.
 */
export function windowQuantities<Window extends Interval>(
  metric: Metric,
  version: ProductVersion,
  combination: UsageCombination,
  windows: readonly Window[],
  carried: Decimal,
): WindowQuantity<Window>[] {
  const first = windows[0];
  if (first === undefined) return [];
  const values = combination.valuesAt([first.start, ...windows.map(({ end }) => end)]);
  const base = values[0]?.value ?? ZERO;
  let start = toPoint(version, base, values[0] ?? NOTHING);
  return windows.map((window, i) => {
    const end = toPoint(version, base, values[i + 1] ?? NOTHING);
    const quantity = {
      window,
      before: carried.plus(start.rounded),
      after: carried.plus(end.rounded),
      isUsed: start.eventCount !== end.eventCount || !start.rounded.eq(end.rounded),
      trace: toTrace(metric, version, window, start, end),
    };
    start = end;
    return quantity;
  });
}

/** A running value on its way to a priced quantity. */
interface Point extends RunningValue {
  readonly converted: Decimal;
  readonly rounded: Decimal;
}

const NOTHING: RunningValue = { value: ZERO, eventCount: null };

function toPoint(version: ProductVersion, base: Decimal, running: RunningValue): Point {
  const { quantityConversion: conversion, quantityRounding: rounding } = version;
  const raw = running.value.minus(base);
  const converted = conversion === null ? raw : convertQuantity(raw, conversion);
  const rounded = rounding === null ? converted : roundQuantity(converted, rounding);
  return { ...running, converted, rounded };
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
