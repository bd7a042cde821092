import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at, row } from "../../../test/support/sample-snapshot.ts";
import { dec, sum, toText } from "../decimal.ts";
import { canonicalText } from "../invoices/canonical.ts";
import { toContribution } from "./contribution.ts";
import { matchEvent, propertyNumber, propertyText } from "./match-event.ts";
import type { EventTypeFilter, Metric, PropertyFilter } from "./metric.ts";
import { rollUp, type TimedEvent } from "./roll-up.ts";
import { runningValues } from "./running-value.ts";

const metric = (overrides: Partial<Metric> = {}): Metric => ({
  id: "metric",
  aggregation: "SUM",
  aggregationKey: "value",
  eventTypeFilter: null,
  propertyFilters: [],
  groupKeys: [],
  ...overrides,
});
const event = (properties: Record<string, unknown>, eventType = "call") => ({
  eventType,
  properties,
});

describe("matchEvent", () => {
  test.each<[boolean, EventTypeFilter | null, string]>([
    [true, null, "no filter takes every type"],
    [true, { inValues: ["call", "sms"] }, "listed"],
    [false, { inValues: ["sms"] }, "not listed"],
    [false, { notInValues: ["call"] }, "excluded"],
    [true, { notInValues: ["sms"] }, "not excluded"],
    [false, { inValues: ["call"], notInValues: ["call"] }, "both lists must agree"],
  ])("type: %s for %j, because %s", (expected, eventTypeFilter) => {
    expect(matchEvent(metric({ eventTypeFilter }), event({}))).toBe(expected);
  });

  test.each<[boolean, unknown, Omit<PropertyFilter, "name">, string]>([
    [true, "eu", { exists: true }, "present"],
    [false, undefined, { exists: true }, "absent"],
    [false, null, { exists: true }, "null counts as absent"],
    [false, { a: 1 }, { exists: true }, "nested values count as absent"],
    [true, undefined, { exists: false }, "must be absent and is"],
    [false, "", { exists: false }, "the empty text is present"],
    [true, "eu", { inValues: ["eu"] }, "listed"],
    [false, "EU", { inValues: ["eu"] }, "case matters"],
    [false, undefined, { inValues: ["eu"] }, "an absent value is in no list"],
    [true, undefined, { notInValues: ["eu"] }, "an absent value is not excluded"],
    [false, "eu", { notInValues: ["eu"] }, "excluded"],
    [true, 1.5, { inValues: ["1.5"] }, "numbers compare by their plain text"],
    [true, 1e21, { inValues: ["1000000000000000000000"] }, "without exponent"],
    [true, true, { inValues: ["true"] }, "booleans by name"],
    [false, "1.50", { inValues: ["1.5"] }, "texts stay as they are"],
  ])("property: %s for %j under %j, because %s", (expected, value, filter) => {
    const propertyFilters = [{ name: "region", ...filter }];
    expect(matchEvent(metric({ propertyFilters }), event({ region: value }))).toBe(expected);
  });

  test("every property filter must hold, and names never reach into objects", () => {
    const filters = [
      { name: "a", exists: true },
      { name: "b", exists: true },
    ];
    expect(matchEvent(metric({ propertyFilters: filters }), event({ a: 1 }))).toBe(false);
    expect(matchEvent(metric({ propertyFilters: filters }), event({ a: 1, b: 2 }))).toBe(true);
    expect(propertyText(event({}), "constructor")).toBeUndefined();
  });
});

test.each<[unknown, string | undefined, string]>([
  ["0.1", "0.1", "text is exact"],
  ["123456789012345678901234567890.5", "123456789012345678901234567890.5", "beyond any float"],
  ["-3", "-3", "corrections are legal"],
  ["+3", "3", "a plus sign too"],
  [".5", "0.5", "a leading point"],
  ["3.", undefined, "a trailing point promises digits that are not there"],
  ["1e3", "1000", "exponents too"],
  [0.1, "0.1", "a number is what its shortest text says"],
  [dec("7.50"), "7.5", "an exactly parsed number"],
  ["", undefined, "empty"],
  [" 1", undefined, "spaces"],
  ["1,000", undefined, "separators"],
  ["0x10", undefined, "hexadecimal"],
  ["NaN", undefined, "NaN as text"],
  [Number.NaN, undefined, "NaN"],
  [Number.POSITIVE_INFINITY, undefined, "infinite"],
  [true, undefined, "booleans are no numbers"],
  [null, undefined, "null"],
  ["1e41", undefined, "more than 40 digits before the point"],
  ["1e-41", undefined, "more than 40 after it"],
  ["9".repeat(200), undefined, "longer than any number we take"],
])("propertyNumber %j is %s: %s", (value, expected) => {
  const number = propertyNumber(event({ value }), "value");
  expect(number && toText(number)).toBe(expected);
});

describe("toContribution", () => {
  const groupKeys = [["region"], ["region", "tier"]];
  test.each<[Metric["aggregation"], unknown, string, string]>([
    [
      "COUNT",
      "x",
      '{"groupValues":{"region":"eu"},"uniqueText":null,"value":null}',
      "needs no value",
    ],
    ["SUM", "1.50", '{"groupValues":{"region":"eu"},"uniqueText":null,"value":"1.5"}', "a number"],
    ["SUM", "x", "none", "not a number, not counted"],
    [
      "UNIQUE",
      7,
      '{"groupValues":{"region":"eu"},"uniqueText":"7","value":null}',
      "any scalar, as text",
    ],
    ["UNIQUE", null, "none", "absent, not counted"],
  ])("%s of %j is %s: %s", (aggregation, value, expected) => {
    const contribution = toContribution(
      metric({ aggregation, groupKeys }),
      event({ value, region: "eu" }),
    );
    expect(contribution === undefined ? "none" : canonicalText(contribution)).toBe(expected);
  });
});

describe("runningValues", () => {
  const rows = [
    row("2024-01-01T00", "7"),
    row("2024-01-01T05", "9"),
    row("2024-01-02T00", "10"),
    row("2024-01-03T00", "5"),
  ];
  const edges = ["2024-01-01", "2024-01-01T06", "2024-01-02", "2024-01-02T01", "2024-02-01"].map(
    at,
  );
  test.each<[Exclude<Metric["aggregation"], "UNIQUE">, string, string]>([
    ["SUM", "0 16 16 26 31", "an hour belongs to the window it starts in"],
    ["COUNT", "0 2 2 3 4", "events, not rows' values"],
    ["MAX", "0 9 9 10 10", "never falls"],
    ["LATEST", "0 9 9 10 5", "falls with the readings: +9, 0, +1, -5"],
  ])("%s: %s, because %s", (aggregation, expected) => {
    const values = runningValues(aggregation, rows, edges).map(({ value }) => toText(value));
    expect(values.join(" ")).toBe(expected);
  });

  test("the maximum of negative readings is negative, and 0 before any", () => {
    const values = runningValues(
      "MAX",
      [row("2024-01-02", "-5"), row("2024-01-03", "-9")],
      [at("2024-01-01"), at("2024-02-01")],
    );
    expect(values.map(({ value }) => toText(value))).toEqual(["0", "-5"]);
  });
});

describe("rollUp", () => {
  const timed = fc.record({
    id: fc.integer({ min: 0, max: 30 }),
    minutes: fc.integer({ min: 0, max: 300 }),
    value: fc.integer({ min: -50, max: 50 }),
  });
  const toEvent = ({
    id,
    minutes,
    value,
  }: {
    id: number;
    minutes: number;
    value: number;
  }): TimedEvent => ({
    transactionId: String(id),
    timestamp: at("2024-01-01").add({ minutes }),
    ...event({ value: String(value), region: value % 2 === 0 ? "eu" : "us" }),
  });
  const total = metric({ groupKeys: [["region"]] });
  const text = (events: readonly TimedEvent[]) =>
    rollUp(total, events)
      .map((part) => canonicalText(part))
      .sort();

  test("neither the order of events nor their repetition changes a row", () => {
    const distinct = fc.uniqueArray(timed, { selector: ({ id }) => id, maxLength: 30 });
    fc.assert(
      fc.property(distinct, fc.array(fc.nat(29), { maxLength: 10 }), (drafts, again) => {
        const events = drafts.map(toEvent);
        const repeated = again.flatMap((i) => events[i] ?? []);
        expect(text([...events.toReversed(), ...repeated])).toEqual(text(events));
      }),
      { numRuns: 100 },
    );
  });

  test("rows add up to the events", () => {
    fc.assert(
      fc.property(fc.uniqueArray(timed, { selector: ({ id }) => id }), (drafts) => {
        const rows = rollUp(total, drafts.map(toEvent));
        const expected = drafts.reduce((a, { value }) => a + value, 0);
        expect(toText(sum(rows.map((part) => part.sum)))).toBe(String(expected));
        expect(rows.reduce((a, part) => a + part.count, 0n)).toBe(BigInt(drafts.length));
      }),
      { numRuns: 100 },
    );
  });

  test("of two readings at one instant the larger is the latest", () => {
    const readings = [3, 5].map((value, id) => toEvent({ id, minutes: 1, value }));
    const latest = (events: readonly TimedEvent[]) => rollUp(total, events)[0]?.latest?.value;
    expect(latest(readings)?.toFixed()).toBe("5");
    expect(latest(readings.toReversed())?.toFixed()).toBe("5");
  });
});
