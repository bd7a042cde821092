import { describe, expect, test } from "vitest";
import {
  at,
  flat,
  metric,
  row,
  snapshot,
  usageProduct,
  used,
} from "../../../test/support/sample-snapshot.ts";
import { dec } from "../decimal.ts";
import type { Aggregation } from "../metering/metric.ts";
import type { Rollup } from "../metering/rollup.ts";
import { lateUsage, type UsageInput, usageInputs } from "./usage-inputs.ts";

const january = { start: at("2024-01-01"), end: at("2024-02-01") };

const inputs = (aggregation: Aggregation, ...rows: Rollup[]) =>
  usageInputs(
    snapshot({
      products: [usageProduct("tokens")],
      metrics: [metric("tokens", aggregation), metric("unsold")],
      rates: [flat("tokens", "100")],
      rollups: [used("tokens", ...rows), used("unsold", row("2024-01-02", "5"))],
    }),
    "contract",
    january,
  );

const show = (input: UsageInput) => [
  input.metricId,
  input.groupValues,
  input.value.toFixed(),
  input.eventCount,
];

describe("inputs of an invoice", () => {
  test("usage of the period only, apart for each combination, of priced metrics only", () => {
    const rows = [
      row("2023-12-31T23", "9"),
      row("2024-01-01", "1", { region: "eu" }),
      row("2024-01-31T23", "2", { region: "eu" }),
      row("2024-01-05", "4", { region: "us" }),
      row("2024-02-01", "9"),
    ];
    expect(inputs("SUM", ...rows).map(show)).toEqual([
      ["tokens", { region: "eu" }, "3", 2n],
      ["tokens", { region: "us" }, "4", 1n],
    ]);
  });

  test("a metric without usage has an entry, so that usage can be late for it", () => {
    expect(inputs("SUM").map(show)).toEqual([["tokens", {}, "0", 0n]]);
  });

  test("the maximum, not the sum, where the metric says so", () => {
    const rows = [row("2024-01-02", "7"), row("2024-01-03", "5")];
    expect(inputs("MAX", ...rows).map(show)).toEqual([["tokens", {}, "7", 2n]]);
  });
});

describe("late usage", () => {
  const before = inputs("SUM", row("2024-01-02", "3"));
  const show = (late: ReturnType<typeof lateUsage>[number]) => [
    late.groupValues,
    late.invoicedValue.toFixed(),
    late.currentValue.toFixed(),
    late.lateEventCount,
  ];

  test("the same usage is never late", () => {
    expect(lateUsage(before, inputs("SUM", row("2024-01-02", "3")))).toEqual([]);
  });

  test("one more event of a known combination", () => {
    const now = inputs("SUM", row("2024-01-02", "3"), row("2024-01-30", "2"));
    expect(lateUsage(before, now).map(show)).toEqual([[{}, "3", "5", 1n]]);
  });

  test("a combination that was not there before", () => {
    const now = inputs("SUM", row("2024-01-02", "3"), row("2024-01-02", "2", { region: "eu" }));
    expect(lateUsage(before, now).map(show)).toEqual([[{ region: "eu" }, "0", "2", 1n]]);
  });

  test("events that add up to nothing are late all the same", () => {
    const now = inputs("SUM", row("2024-01-02", "3"), row("2024-01-09", "0"));
    expect(lateUsage(before, now).map(show)).toEqual([[{}, "3", "3", 1n]]);
  });

  test("a metric the invoice was not made of is another matter", () => {
    const other: UsageInput = {
      metricId: "added later",
      groupValues: {},
      startingAt: january.start,
      endingBefore: january.end,
      value: dec("8"),
      eventCount: 1n,
    };
    expect(lateUsage(before, [...before, other])).toEqual([]);
  });
});
