import { expect, test } from "vitest";
import { instant, instantText } from "../../../domain/time.ts";
import { boundary, boundaryAfter, periodAround, type Recurrence } from "./recurrence.ts";

const MONTHLY: Recurrence = { unit: "month", count: 1 };
const day = (text: string) => instantText(instant(text)).slice(0, 10);

test.each<[string, Recurrence, string, readonly string[]]>([
  [
    "the 31st is cut to each month's last day and comes back",
    MONTHLY,
    "2025-01-31T12:00:00Z",
    ["2025-02-28", "2025-03-31", "2025-04-30", "2025-05-31"],
  ],
  [
    "February has 29 days in a leap year",
    MONTHLY,
    "2024-01-31T00:00:00Z",
    ["2024-02-29", "2024-03-31"],
  ],
  [
    "February 29 comes back every four years",
    { unit: "year", count: 1 },
    "2024-02-29T00:00:00Z",
    ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"],
  ],
  [
    "quarters are three months",
    { unit: "month", count: 3 },
    "2024-11-30T00:00:00Z",
    ["2025-02-28", "2025-05-30"],
  ],
  [
    "two weeks keep the weekday",
    { unit: "week", count: 2 },
    "2024-12-25T00:00:00Z",
    ["2025-01-08", "2025-01-22"],
  ],
  ["days are 24 hours of UTC", { unit: "day", count: 1 }, "2024-12-31T23:00:00Z", ["2025-01-01"]],
])("I2, I3: %s", (_reason, recurrence, anchor, days) => {
  const boundaries = days.map((_, n) => boundary(instant(anchor), recurrence, n + 1));
  expect(boundaries.map((at) => day(instantText(at)))).toEqual(days);
});

test.each<[string, string, string, string]>([
  ["an instant on a boundary begins the next period", "2024-02-29", "2024-02-29", "2024-03-31"],
  ["just before it belongs to the one before", "2024-02-28", "2024-01-31", "2024-02-29"],
  ["a time before the anchor is counted backwards", "2023-12-30", "2023-11-30", "2023-12-31"],
])("I6: %s", (_reason, at, start, end) => {
  const anchor = instant("2024-01-31T00:00:00Z");
  const period = periodAround(anchor, MONTHLY, instant(`${at}T00:00:00Z`));
  expect([day(instantText(period.start)), day(instantText(period.end))]).toEqual([start, end]);
  expect(boundaryAfter(anchor, MONTHLY, instant(`${at}T00:00:00Z`)).equals(period.end)).toBe(true);
});
