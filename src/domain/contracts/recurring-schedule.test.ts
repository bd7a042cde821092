import { expect, test } from "vitest";
import { dec, toText } from "../decimal.ts";
import { instant, instantText } from "../time.ts";
import {
  expandRecurringSchedule,
  type RecurringSchedule,
  scheduleDates,
} from "./recurring-schedule.ts";

const schedule = (changes: Partial<RecurringSchedule>): RecurringSchedule => ({
  startingAt: instant("2024-01-01T00:00:00Z"),
  endingBefore: instant("2024-04-01T00:00:00Z"),
  frequency: "MONTHLY",
  distribution: "EACH",
  unitPrice: dec("1000"),
  quantity: dec("1"),
  decimals: 0,
  ...changes,
});

test.each<[Partial<RecurringSchedule>, string[], string]>([
  [{}, ["2024-01-01", "2024-02-01", "2024-03-01"], "the end is exclusive"],
  [
    { startingAt: instant("2024-01-31T00:00:00Z"), endingBefore: instant("2024-05-01T00:00:00Z") },
    ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"],
    "the 31st comes back after a short month",
  ],
  [
    { frequency: "WEEKLY", endingBefore: instant("2024-01-16T00:00:00Z") },
    ["2024-01-01", "2024-01-08", "2024-01-15"],
    "weeks are seven days",
  ],
  [
    { frequency: "SEMI_ANNUAL", endingBefore: instant("2025-01-01T00:00:00Z") },
    ["2024-01-01", "2024-07-01"],
    "half-years are six months",
  ],
  [{ endingBefore: instant("2024-01-01T00:00:00Z") }, [], "an empty range has no date"],
])("%j falls on %j, because %s", (changes, expected) => {
  const dates = scheduleDates(schedule(changes), 100);
  expect(dates.map((at) => instantText(at).slice(0, 10))).toEqual(expected);
});

test("stops at the limit", () => {
  expect(scheduleDates(schedule({}), 2)).toHaveLength(2);
});

test.each<[Partial<RecurringSchedule>, string[], string]>([
  [{}, ["1 x 1000 = 1000", "1 x 1000 = 1000", "1 x 1000 = 1000"], "EACH bills the whole each time"],
  [
    { distribution: "DIVIDED" },
    [
      "1 x 333.333333333333 = 333.333333333333",
      "1 x 333.333333333333 = 333.333333333333",
      "1 x 333.333333333334 = 333.333333333334",
    ],
    "DIVIDED keeps 12 decimals and the last date takes the rest",
  ],
  [
    { distribution: "DIVIDED_ROUNDED" },
    ["1 x 333 = 333", "1 x 333 = 333", "1 x 334 = 334"],
    "DIVIDED_ROUNDED bills whole cents, the remainder last",
  ],
  [
    { distribution: "DIVIDED_ROUNDED", unitPrice: dec("100"), decimals: 2 },
    ["1 x 33.33 = 33.33", "1 x 33.33 = 33.33", "1 x 33.34 = 33.34"],
    "euros have cents behind the point",
  ],
  [
    { distribution: "DIVIDED", unitPrice: dec("30"), quantity: dec("10") },
    ["10 x 10 = 100", "10 x 10 = 100", "10 x 10 = 100"],
    "the quantity stays where its price is exact",
  ],
  [
    { distribution: "DIVIDED_ROUNDED", unitPrice: dec("10"), quantity: dec("7") },
    ["1 x 23 = 23", "1 x 23 = 23", "1 x 24 = 24"],
    "70 in three: 23 / 7 does not terminate, so each share is one unit",
  ],
  [
    { distribution: "DIVIDED", quantity: dec("0") },
    ["1 x 0 = 0", "1 x 0 = 0", "1 x 0 = 0"],
    "nothing to share is not a division by zero",
  ],
])("%j bills %j, because %s", (changes, expected) => {
  const amounts = expandRecurringSchedule(schedule(changes));
  expect(
    amounts.map(
      (item) => `${toText(item.quantity)} x ${toText(item.unitPrice)} = ${toText(item.amount)}`,
    ),
  ).toEqual(expected);
});
