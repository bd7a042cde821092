import fc from "fast-check";
import { expect, test } from "vitest";
import { dec, sum, toText, ZERO } from "../decimal.ts";
import { type Interval, instant, Temporal } from "../time.ts";
import {
  type StatedQuantity,
  StatedQuantityCut,
  statedCombinations,
  statedWindowQuantities,
} from "./stated-quantity.ts";

const JUNE: Interval = {
  start: instant("2024-06-01T00:00:00Z"),
  end: instant("2024-07-01T00:00:00Z"),
};

/** Days of June, counted from 0; day 30 is July 1. */
const days = (from: number, to: number): Interval => ({
  start: JUNE.start.add({ hours: from * 24 }),
  end: JUNE.start.add({ hours: to * 24 }),
});

const stated = (window: Interval, quantity: string, rest: object = {}): StatedQuantity => ({
  productId: "p",
  pricingGroupValues: {},
  presentationGroupValues: {},
  window,
  quantity: dec(quantity),
  ...rest,
});

test("what was stated is told apart by product, group values and run", () => {
  const eu = { pricingGroupValues: { region: "eu" } };
  const us = { pricingGroupValues: { region: "us" } };
  const all = [
    stated(days(3, 4), "1", us),
    stated(days(2, 3), "2", eu),
    stated(days(0, 1), "3", eu),
    stated(days(0, 1), "4", { productId: "other" }),
    stated(days(20, 21), "5", eu),
  ];
  const found = statedCombinations(all, "p", days(0, 10));
  expect(
    found.map(({ groups, quantities }) => [
      groups.pricing,
      quantities.map(({ quantity }) => toText(quantity)),
    ]),
  ).toEqual([
    [{ region: "eu" }, ["3", "2"]],
    [{ region: "us" }, ["1"]],
  ]);
});

test("a window has what begins in it; one without is not used", () => {
  const [combination] = statedCombinations(
    [stated(days(0, 1), "1.5"), stated(days(1, 2), "2"), stated(days(20, 21), "0")],
    "p",
    JUNE,
  );
  if (combination === undefined) throw new Error("nothing was stated");
  const windows = [days(0, 2), days(2, 20), days(20, 30)];
  const found = statedWindowQuantities(combination, windows, dec("10"));
  expect(found.map(({ before, after, isUsed }) => [toText(before), toText(after), isUsed])).toEqual(
    [
      ["10", "13.5", true],
      ["13.5", "13.5", false],
      // Nothing, but said: it has its line.
      ["13.5", "13.5", true],
    ],
  );
  expect(found[0]?.trace).toEqual([
    {
      step: "stated",
      windowStart: days(0, 2).start,
      windowEnd: days(0, 2).end,
      quantity: dec("3.5"),
      windowCount: 2,
    },
  ]);
});

test("a quantity on both sides of a cut is refused, with the instant", () => {
  const one = stated(days(0, 30), "10");
  const [combination] = statedCombinations([one], "p", JUNE);
  if (combination === undefined) throw new Error("nothing was stated");
  const attempt = () => statedWindowQuantities(combination, [days(0, 15), days(15, 30)], ZERO);
  expect(attempt).toThrow(StatedQuantityCut);
  try {
    attempt();
  } catch (error) {
    expect(error).toMatchObject({ stated: one, at: days(15, 15).start });
  }
});

test("windows add up to what was stated, however they are cut between the days", () => {
  const aDay = fc.record({ day: fc.nat(29), quantity: fc.nat(1_000_000) });
  const someDays = fc.uniqueArray(aDay, { selector: ({ day }) => day, minLength: 1 });
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 29 }));
  fc.assert(
    fc.property(someDays, cuts, (said, at) => {
      const all = said.map(({ day, quantity }) => stated(days(day, day + 1), `${quantity}e-3`));
      const [combination] = statedCombinations(all, "p", JUNE);
      if (combination === undefined) throw new Error("nothing was stated");
      const edges = [0, ...at.toSorted((a, b) => a - b), 30];
      const windows = edges.slice(1).map((to, n) => days(edges[n] ?? 0, to));
      const found = statedWindowQuantities(combination, windows, ZERO);
      expect(toText(found.at(-1)?.after ?? ZERO)).toBe(
        toText(sum(all.map(({ quantity }) => quantity))),
      );
      for (const { window, before, after } of found) {
        const inside = all.filter(
          ({ window: { start } }) =>
            Temporal.Instant.compare(start, window.start) >= 0 &&
            Temporal.Instant.compare(start, window.end) < 0,
        );
        expect(toText(after.minus(before))).toBe(toText(sum(inside.map((each) => each.quantity))));
      }
    }),
  );
});
