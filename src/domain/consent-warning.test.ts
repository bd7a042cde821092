import { expect, test } from "vitest";
import {
  type ConsentWarning,
  consentEnd,
  consentWarning,
  fromWarningText,
  isConsentNews,
  toWarningText,
} from "./consent-warning.ts";
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

const END = "2026-02-20T12:00:00Z";

test.each<[string, ConsentWarning, string, boolean]>([
  ["the same again", "ends_within_7_days", END, false],
  [
    "the same, of an end that was counted anew",
    "ends_within_7_days",
    "2026-02-20T12:00:01Z",
    false,
  ],
  ["earlier by that", "ends_within_7_days", "2026-02-20T11:59:59Z", false],
  ["an end that moved over midnight", "ends_within_7_days", "2026-02-21T11:59:59Z", false],
  ["a step back, as that end moved over the seven days", "ends_within_30_days", END, false],
  ["the next step", "ended", END, true],
  ["the end of another consent, a day on", "ends_within_7_days", "2026-02-21T12:00:00Z", true],
  ["of another consent that ends before", "ends_within_7_days", "2026-02-19T12:00:00Z", true],
  ["a first step of another consent", "ends_within_30_days", "2031-02-20T12:00:00Z", true],
])("after a warning seven days ahead, %s: %s of %s is news: %s", (_, warning, end, isNews) => {
  const given = { warning: "ends_within_7_days", endsAt: instant(END) } as const;
  const stored = fromWarningText(toWarningText(given));
  expect(isConsentNews(stored, { warning, endsAt: instant(end) })).toBe(isNews);
});

test.each([null, "", "soon 2026-02-20T12:00:00Z", "ended"])("%j was no warning", (text) => {
  const given = fromWarningText(text);
  expect(given).toBeUndefined();
  expect(isConsentNews(given, { warning: "ended", endsAt: instant(END) })).toBe(true);
});
