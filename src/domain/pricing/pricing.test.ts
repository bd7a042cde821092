import { describe, expect, test } from "vitest";
import { at, flat } from "../../../test/support/sample-snapshot.ts";
import { dec, toText } from "../decimal.ts";
import { convertQuantity, roundQuantity } from "./billable-quantity.ts";
import type { Charge } from "./charge.ts";
import { rateGraduated } from "./graduated.ts";
import { priceWindows } from "./price-windows.ts";
import type { ProductVersion, RoundingMethod } from "./product.ts";
import type { FlatRate } from "./rate.ts";
import { rateInForce } from "./rate-in-force.ts";
import { versionAt, versionRuns } from "./version-runs.ts";

describe("rateGraduated: 100 free, then 0.02 to 1000, then 0.005", () => {
  const tiers = [
    { size: dec("100"), price: dec("0") },
    { size: dec("900"), price: dec("0.02") },
    { size: null, price: dec("0.005") },
  ];
  const show = ({ tier, quantity, amount }: Charge) =>
    `${tier?.level}: ${toText(quantity)} = ${toText(amount)}`;
  test.each<[string, string, string[], string]>([
    ["0", "0", ["1: 0 = 0"], "no usage is one empty charge in the first tier"],
    ["0", "100", ["1: 100 = 0"], "a tier owns its upper edge"],
    ["0", "100.5", ["1: 100 = 0", "2: 0.5 = 0.01"], "part units price exactly"],
    ["0", "1500", ["1: 100 = 0", "2: 900 = 18", "3: 500 = 2.5"], "usage spills into every tier"],
    ["50", "150", ["1: 50 = 0", "2: 50 = 1"], "a second window goes on where the first stopped"],
    ["100", "101", ["2: 1 = 0.02"], "a full tier has nothing left"],
    ["100", "100", ["1: 0 = 0"], "an empty window stays in the tier of the last unit"],
    ["101", "101", ["2: 0 = 0"], "also one unit later"],
    ["5000", "5000", ["3: 0 = 0"], "also in the open tier"],
    ["1500", "50", ["1: -50 = 0", "2: -900 = -18", "3: -500 = -2.5"], "a fall gives back the same"],
    ["0", "-5", ["1: -5 = 0"], "below zero the first tier's price holds"],
    ["-5", "105", ["1: 105 = 0", "2: 5 = 0.1"], "and is passed on the way up"],
  ])("%s -> %s: %j, because %s", (before, after, charges) => {
    expect(rateGraduated(tiers, dec(before), dec(after)).map(show)).toEqual(charges);
  });

  test("a last tier with an end would leave usage unpriced", () => {
    expect(() => rateGraduated(tiers.slice(0, 2), dec("0"), dec("1001"))).toThrow(/open-ended/);
  });
});

test.each<[RoundingMethod, number, string, string, string]>([
  ["ROUND_UP", 0, "1.01", "2", "any part makes a unit"],
  ["ROUND_UP", 0, "-1.01", "-2", "a correction mirrors what it corrects"],
  ["ROUND_UP", 1, "1.5", "1.5", "nothing to round"],
  ["ROUND_DOWN", 0, "1.99", "1", "only whole units"],
  ["ROUND_HALF_UP", 2, "1.005", "1.01", "half away from zero, exactly on the half"],
  ["ROUND_HALF_UP", 0, "2.4999", "2", "below the half"],
])("%s to %i: %s is %s, because %s", (method, decimalPlaces, value, expected) => {
  expect(toText(roundQuantity(dec(value), { method, decimalPlaces }))).toBe(expected);
});

test.each([
  ["MULTIPLY", "1024", "1.5", "1536"],
  ["DIVIDE", "1000000", "1234567", "1.234567"],
  ["DIVIDE", "3", "1", "0.333333333333"],
] as const)("%s by %s: %s is %s", (operation, factor, value, expected) => {
  expect(toText(convertQuantity(dec(value), { operation, factor: dec(factor) }))).toBe(expected);
});

describe("the rate in force", () => {
  const rates = [
    flat("p", "1", "2024-01-01", { id: "first" }),
    flat("p", "2", "2024-01-10", { id: "second" }),
    flat("p", "3", "2024-01-20", { id: "offer", endingBefore: at("2024-01-25") }),
    flat("p", "9", "2024-01-10", { id: "typed wrong first", addedAt: at("2019-01-01") }),
  ];
  test.each<[string, string | undefined, string]>([
    ["2023-12-31T23", undefined, "before any"],
    ["2024-01-01", "first", "a start is inclusive"],
    ["2024-01-09T23", "first", "until a later rate takes over"],
    ["2024-01-10", "second", "of equal starts the one added last"],
    ["2024-01-24T23", "offer", "the latest start"],
    ["2024-01-25", "second", "an end is exclusive; the rate before comes back"],
  ])("at %s: %s, because %s", (hour, id, _reason) => {
    expect(rateInForce(rates, at(hour))?.id).toBe(id);
    expect(rateInForce(rates.toReversed(), at(hour))?.id).toBe(id);
  });

  test("windows cut where the rate changes, and only there", () => {
    const month = { start: at("2024-01-01"), end: at("2024-02-01") };
    const cut = (some: readonly FlatRate[]) =>
      priceWindows(some, month).map(
        ({ rate, start }) => `${start.toString().slice(8, 10)} ${rate?.id}`,
      );
    expect(cut(rates)).toEqual(["01 first", "10 second", "20 offer", "25 second"]);
    const hidden = flat("p", "1", "2024-01-01", { endingBefore: at("2024-01-15"), id: "hidden" });
    expect(cut([...rates, { ...hidden, addedAt: at("2019-01-01") }])).toHaveLength(4);
    expect(cut(rates.slice(1))).toEqual(["01 undefined", "10 second", "20 offer", "25 second"]);
  });
});

describe("versionRuns", () => {
  const base: ProductVersion = {
    startingAt: at("2024-01-01"),
    name: "old",
    tags: [],
    metricId: "m",
    quantityConversion: null,
    quantityRounding: null,
    pricingGroupKey: [],
    presentationGroupKey: [],
  };
  const product = {
    id: "p",
    type: "USAGE" as const,
    versions: [
      { ...base, startingAt: at("2024-01-20"), metricId: "n", name: "newest" },
      { ...base, startingAt: at("2024-01-10"), name: "renamed" },
      base,
    ],
  };
  test("a new name cuts nothing, a new metric does", () => {
    const runs = versionRuns(product, { start: at("2023-12-15"), end: at("2024-02-01") });
    expect(runs.map(({ start, version }) => [start.toString().slice(0, 10), version.name])).toEqual(
      [
        ["2023-12-15", "renamed"],
        ["2024-01-20", "newest"],
      ],
    );
  });
  test("before the first version the first one serves", () => {
    expect(versionAt(product, at("2020-01-01")).name).toBe("old");
    expect(versionAt(product, at("2024-01-20")).name).toBe("newest");
  });
});
