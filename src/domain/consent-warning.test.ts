import { expect, test } from "vitest";
import { consentEnd, consentWarning } from "./consent-warning.ts";
import { instant } from "./time.ts";

const now = instant("2026-01-31T12:00:00Z");

test.each([
  ["nothing is known of its end", undefined, undefined],
  ["30 days and a second ahead", "2026-03-02T12:00:01Z", undefined],
  ["30 days ahead", "2026-03-02T12:00:00Z", "ends_within_30_days"],
  ["7 days and a second ahead", "2026-02-07T12:00:01Z", "ends_within_30_days"],
  ["7 days ahead", "2026-02-07T12:00:00Z", "ends_within_7_days"],
  ["a second ahead", "2026-01-31T12:00:01Z", "ends_within_7_days"],
  ["this very moment", "2026-01-31T12:00:00Z", "ended"],
  ["long ago", "2020-01-01T00:00:00Z", "ended"],
])("a consent that ends %s: %s -> %s", (_, end, warning) => {
  expect(consentWarning(end === undefined ? undefined : instant(end), now)).toBe(warning);
});

test("it ends by idleness or because every consent ends, whichever is first", () => {
  const [first, second] = [instant("2026-05-01T00:00:00Z"), instant("2026-06-01T00:00:00Z")];
  expect(consentEnd(first, second)).toBe(first);
  expect(consentEnd(second, first)).toBe(first);
  expect(consentEnd(undefined, second)).toBe(second);
  expect(consentEnd(first, undefined)).toBe(first);
  expect(consentEnd(undefined, undefined)).toBeUndefined();
});
