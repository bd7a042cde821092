import fc from "fast-check";
import { expect, test } from "vitest";
import { instant } from "../time.ts";
import { readEventTime } from "./event-time.ts";

test.each([
  ["2024-01-31T00:00:00Z", "2024-01-31T00:00:00Z", "plain"],
  ["2024-01-31t00:00:00z", "2024-01-31T00:00:00Z", "lower case"],
  ["2024-01-31 00:00:00.5+00:00", "2024-01-31T00:00:00.5Z", "a space and an offset of nothing"],
  [
    "2024-01-31T00:59:59.9999999Z",
    "2024-01-31T00:59:59.999999Z",
    "cut, never rounded into the next hour",
  ],
  ["2024-01-31T23:30:00-01:00", "2024-02-01T00:30:00Z", "an offset moves the hour and the day"],
  ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z", "a leap day"],
  ["2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z", "a leap second counts as the second before"],
  ["1969-12-31T23:59:59.25Z", "1969-12-31T23:59:59.25Z", "before 1970"],
])("%s is %s: %s", (given, expected) => {
  expect(readEventTime(given)?.text).toBe(expected);
});

test.each([
  ["2023-02-29T00:00:00Z", "no leap year"],
  ["2024-02-30T00:00:00Z", "no such day"],
  ["2024-01-31T24:00:00Z", "hour 24 is the next day's 0"],
  ["2024-13-01T00:00:00Z", "no such month"],
  ["2024-01-31T00:00:00", "no zone"],
  ["2024-01-31", "no time"],
  ["1706659200", "a number"],
  ["0000-06-01T00:00:00Z", "the calendar begins with year 1"],
  ["", "nothing"],
  ["2024-01-31T00:00:00.1234567890Z", "finer than a nanosecond"],
])("%s is no instant: %s", (given) => {
  expect(readEventTime(given)).toBeUndefined();
});

test("agrees with Temporal", () => {
  const seconds = fc.integer({ min: -10_000_000_000, max: 10_000_000_000 });
  const offset = fc.constantFrom("+00:00", "+05:30", "-08:00");
  fc.assert(
    fc.property(seconds, fc.integer({ min: 0, max: 999_999 }), offset, (second, micro, zone) => {
      const at = instant(new Date(second * 1000).toISOString()).add({ microseconds: micro });
      const time = readEventTime(at.toZonedDateTimeISO(zone).toString().replace(/\[.*/, ""));
      expect(time).toEqual({ text: at.toString(), epochMs: at.epochMilliseconds });
    }),
    { numRuns: 300 },
  );
});
