import fc from "fast-check";
import { expect, test } from "vitest";
import { at } from "../../../test/support/sample-snapshot.ts";
import { CONVENTION_VALUES, type ProrationBasis } from "../conventions.ts";
import { dec, toText } from "../decimal.ts";
import { type Instant, type Interval, instant } from "../time.ts";
import { isPartial, prorate, shareOf, shareOfAll } from "./proration.ts";

const span = (start: string, end: string): Interval => ({ start: at(start), end: at(end) });
const JANUARY = span("2023-01-01", "2023-02-01");
const FEBRUARY = span("2023-02-01", "2023-03-01");
const LEAP = span("2024-02-01", "2024-03-01");
const APRIL = span("2023-04-01", "2023-05-01");
const YEAR = span("2023-01-01", "2024-01-01");
const WEEK = span("2023-02-27", "2023-03-06");

test.each<[ProrationBasis, string, string, Interval, string, string]>([
  ["time", "2023-04-23", "2023-05-01", APRIL, "8/30", "8 of 30 days"],
  ["time", "2023-04-23T12", "2023-05-01", APRIL, "7.5/30", "half a day less"],
  ["time", "2023-02-15", "2023-03-01", FEBRUARY, "14/28", "14 of 28 days"],
  ["time", "2024-02-15", "2024-03-01", LEAP, "15/29", "15 of 29 days"],
  ["days", "2023-04-23", "2023-05-01", APRIL, "8/30", "whole days are the same by time"],
  ["days", "2023-04-23T12", "2023-05-01", APRIL, "8/30", "the day it begins in counts"],
  ["days", "2023-04-01", "2023-04-23T12", APRIL, "22/30", "the day it ends in does not"],
  ["days", "2023-04-23T01", "2023-04-23T23", APRIL, "0/30", "begun and ended in one day: nothing"],
  ["days", "2023-02-15", "2023-03-01", FEBRUARY, "14/28", "February has 28 days"],
  ["days", "2023-01-10", "2023-01-11", YEAR, "1/365", "a year has 365"],
  ["thirty_day_months", "2023-04-23", "2023-05-01", APRIL, "8/30", "April has 30 as it is"],
  ["thirty_day_months", "2023-02-15", "2023-03-01", FEBRUARY, "16/30", "15 to 28, and 2 more"],
  ["thirty_day_months", "2023-02-01", "2023-02-15", FEBRUARY, "14/30", "and before it 14"],
  ["thirty_day_months", "2023-02-28", "2023-03-01", FEBRUARY, "3/30", "the 28th stands for three"],
  ["thirty_day_months", "2024-02-29", "2024-03-01", LEAP, "2/30", "the 29th for two"],
  ["thirty_day_months", "2023-01-31", "2023-02-01", JANUARY, "1/30", "30 and 31 are one day"],
  ["thirty_day_months", "2023-01-30", "2023-01-31", JANUARY, "0/30", "so one of them is free"],
  ["thirty_day_months", "2023-01-27", "2023-02-01", JANUARY, "4/30", "27 to 30"],
  ["thirty_day_months", "2023-01-15T18", "2023-02-01", JANUARY, "16/30", "the day begun counts"],
  ["thirty_day_months", "2023-07-01", "2024-01-01", YEAR, "180/360", "half a year: six months"],
  ["thirty_day_months", "2023-02-28", "2023-03-06", WEEK, "6/7", "a week has no months: days"],
])("%s: %s to %s is %s", (basis, start, end, whole, expected, reason) => {
  const share = shareOf(span(start, end), whole, basis);
  const unit = basis === "time" ? dec("86400000") : dec("1");
  expect(`${toText(share.part.div(unit))}/${toText(share.whole.div(unit))}`, reason).toBe(expected);
});

test("periods from a 31st: what their ends miss in one month they have in the next", () => {
  const basis = "thirty_day_months";
  const short = span("2023-01-31", "2023-02-28");
  const long = span("2023-02-28", "2023-03-31");
  expect(toText(shareOf(short, short, basis).whole)).toBe("28");
  expect(toText(shareOf(long, long, basis).whole)).toBe("32");
  expect(isPartial(shareOf(short, short, basis))).toBe(false);
});

test.each([
  ["3000", "2023-02-15", "2023-03-01", FEBRUARY, ["1500", "1500", "1600"], "14/28, 14/28, 16/30"],
  ["3100", "2023-01-30", "2023-02-01", JANUARY, ["200", "200", "103.333333333333"], "2/31, 1/30"],
  [
    "100",
    "2023-04-30T12",
    "2023-05-01",
    APRIL,
    ["1.666666666667", "3.333333333333", "3.333333333333"],
    "half a day is 1/60, a begun one 1/30",
  ],
  [
    "-3000",
    "2023-02-15",
    "2023-03-01",
    FEBRUARY,
    ["-1500", "-1500", "-1600"],
    "a credit mirrors it",
  ],
  [
    "-100",
    "2023-04-21",
    "2023-05-01",
    APRIL,
    ["-33.333333333333", "-33.333333333333", "-33.333333333333"],
    "12 decimals",
  ],
])("%s from %s to %s: %j", (amount, start, end, whole, expected, reason) => {
  const amounts = CONVENTION_VALUES.prorationBasis.map((basis) =>
    toText(prorate(dec(amount), shareOf(span(start, end), whole, basis))),
  );
  expect(amounts, reason).toEqual(expected);
});

test("all of a period costs the amount itself, divided by nothing", () => {
  for (const basis of CONVENTION_VALUES.prorationBasis) {
    expect(toText(prorate(dec("100.01"), shareOf(FEBRUARY, FEBRUARY, basis)))).toBe("100.01");
  }
});

test("parts that fill a period add up to all of it, on every basis", () => {
  const hour = fc.integer({ min: 0, max: 24 * 500 });
  const from = instant("2023-01-31T05:00:00Z");
  const after = (hours: number): Instant => from.add({ hours });
  fc.assert(
    fc.property(
      fc.uniqueArray(hour, { minLength: 2, maxLength: 6 }),
      fc.constantFrom(...CONVENTION_VALUES.prorationBasis),
      (hours, basis) => {
        const edges = hours.sort((a, b) => a - b).map(after);
        const [first, last] = [edges[0] ?? from, edges.at(-1) ?? from];
        // A day at least: every billing period is.
        const whole = { start: first, end: last.add({ hours: 24 }) };
        const ends = [...edges.slice(1), whole.end];
        const parts = edges.map((start, n) => ({ start, end: ends[n] ?? whole.end }));
        expect(shareOfAll(parts, whole, basis)).toEqual(shareOf(whole, whole, basis));
        for (const part of parts) expect(shareOf(part, whole, basis).part.gte(dec("0"))).toBe(true);
        expect(shareOf(whole, whole, basis).whole.gt(dec("0"))).toBe(true);
      },
    ),
  );
});
