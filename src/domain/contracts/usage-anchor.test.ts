import { expect, test } from "vitest";
import { instant, instantText } from "../time.ts";
import { type BillingDay, usageAnchor } from "./usage-anchor.ts";

test.each<[Exclude<BillingDay, "CUSTOM_DATE">, string, string, string]>([
  [
    "FIRST_OF_MONTH",
    "2024-01-01T00:00:00Z",
    "2024-01-01T00:00:00Z",
    "a start on the 1st is the anchor",
  ],
  ["FIRST_OF_MONTH", "2024-01-01T01:00:00Z", "2024-02-01T00:00:00Z", "an hour later makes a stub"],
  [
    "FIRST_OF_MONTH",
    "2024-12-15T00:00:00Z",
    "2025-01-01T00:00:00Z",
    "the next 1st may be in the next year",
  ],
  [
    "CONTRACT_START",
    "2024-01-31T05:00:00Z",
    "2024-01-31T05:00:00Z",
    "the start itself, to the hour",
  ],
])("%s from %s counts from %s, because %s", (day, start, expected) => {
  expect(instantText(usageAnchor(day, instant(start)))).toBe(expected);
});
