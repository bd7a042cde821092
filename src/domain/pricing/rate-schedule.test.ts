import { expect, test } from "vitest";
import { dec } from "../decimal.ts";
import { instant, instantText } from "../time.ts";
import type { Rate } from "./rate.ts";
import { coversInstant, rateSchedule } from "./rate-schedule.ts";

let added = 0;
const rate = (
  id: string,
  from: string,
  to: string | null,
  group: Record<string, string> = {},
): Rate => {
  added += 1;
  return {
    id,
    type: "FLAT",
    productId: "p",
    price: dec("1"),
    startingAt: instant(`${from}T00:00:00Z`),
    endingBefore: to === null ? null : instant(`${to}T00:00:00Z`),
    entitled: true,
    creditTypeId: "usd",
    billingFrequency: null,
    commitRate: null,
    pricingGroupValues: group,
    addedAt: instant("2023-01-01T00:00:00Z").add({ seconds: added }),
  };
};
const day = (at: string) => at.slice(0, 10);

test.each<[Rate[], string[], string]>([
  [[rate("a", "2024-01-01", null)], ["a 2024-01-01.."], "one rate lasts"],
  [
    [rate("a", "2024-01-01", null), rate("b", "2024-02-01", null)],
    ["a 2024-01-01..2024-02-01", "b 2024-02-01.."],
    "a later rate ends the one before",
  ],
  [
    [rate("a", "2024-01-01", null), rate("b", "2024-02-01", "2024-03-01")],
    ["a 2024-01-01..2024-02-01", "b 2024-02-01..2024-03-01", "a 2024-03-01.."],
    "a rate with an end gives way to the one before it",
  ],
  [
    [rate("a", "2024-01-01", "2024-02-01"), rate("b", "2024-03-01", null)],
    ["a 2024-01-01..2024-02-01", "b 2024-03-01.."],
    "nothing in force is a gap",
  ],
  [
    [rate("a", "2024-01-01", null), rate("b", "2024-01-01", null)],
    ["b 2024-01-01.."],
    "of equal starts the later added one",
  ],
  [
    [
      rate("a", "2024-01-01", null, { region: "eu" }),
      rate("b", "2024-02-01", null, { region: "us" }),
    ],
    ["a 2024-01-01..", "b 2024-02-01.."],
    "combinations do not end one another",
  ],
])("%# gives %j, because %s", (rates, expected) => {
  const shown = rateSchedule(rates).map(({ rate: { id }, startingAt, endingBefore }) => {
    const end = endingBefore === null ? "" : day(instantText(endingBefore));
    return `${id} ${day(instantText(startingAt))}..${end}`;
  });
  expect(shown).toEqual(expected);
});

test("a segment covers its start and not its end", () => {
  const [segment] = rateSchedule([rate("a", "2024-01-01", "2024-02-01")]);
  if (segment === undefined) throw new Error("expected a segment");
  expect(coversInstant(segment, instant("2024-01-01T00:00:00Z"))).toBe(true);
  expect(coversInstant(segment, instant("2024-02-01T00:00:00Z"))).toBe(false);
});
