import { expect, test } from "vitest";
import { instant, instantText } from "../../domain/time.ts";
import { isDead, nextDeliveryAt } from "./delivery-schedule.ts";

const CREATED = "2024-01-01T00:00:00Z";

test.each<[number, string, string | undefined, string]>([
  [1, "2024-01-01T00:00:00Z", "2024-01-01T00:00:05Z", "a short hiccup is over in 5 s"],
  [2, "2024-01-01T00:00:05Z", "2024-01-01T00:05:05Z", "then 5 min"],
  [3, "2024-01-01T00:05:05Z", "2024-01-01T00:35:05Z", "30 min"],
  [4, "2024-01-01T00:35:05Z", "2024-01-01T02:35:05Z", "2 h"],
  [5, "2024-01-01T02:35:05Z", "2024-01-01T07:35:05Z", "5 h"],
  [6, "2024-01-01T07:35:05Z", "2024-01-01T17:35:05Z", "10 h"],
  [7, "2024-01-01T17:35:05Z", "2024-01-02T05:35:05Z", "and every 12 h from there"],
  [
    11,
    "2024-01-03T12:00:00Z",
    "2024-01-04T00:00:00Z",
    "the last attempt may fall on the third day's end",
  ],
  [11, "2024-01-03T12:00:01Z", undefined, "nothing is tried after it"],
])("after attempt %i at %s comes %s, because %s", (attempts, now, expected) => {
  const next = nextDeliveryAt(instant(CREATED), attempts, instant(now));
  expect(next && instantText(next)).toBe(expected);
});

test("an endpoint is dead after three days without a success", () => {
  expect(isDead(instant(CREATED), instant("2024-01-03T23:59:59Z"))).toBe(false);
  expect(isDead(instant(CREATED), instant("2024-01-04T00:00:00Z"))).toBe(true);
});
