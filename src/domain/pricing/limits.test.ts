import fc from "fast-check";
import { expect, test } from "vitest";
import { dec, min, sum, toText, ZERO } from "../decimal.ts";
import { type Charge, toCharge } from "./charge.ts";
import { capCharges, toShortfall } from "./limits.ts";
import { priceCharges } from "./price-charges.ts";
import type { TieredPrice } from "./rate.ts";

const show = ({ kind, quantity, unitPrice, amount }: Charge) =>
  `${toText(quantity)} x ${toText(unitPrice)} = ${toText(amount)}${kind === "USE" ? "" : ` ${kind}`}`;
const use = (quantity: string, price: string) => toCharge(null, ZERO, dec(quantity), dec(price));

test.each<[string, [string, string][], string[], string]>([
  ["100", [["10", "5"]], ["10 x 5 = 50"], "below the maximum nothing changes"],
  ["100", [["20", "5"]], ["20 x 5 = 100"], "the maximum itself is not beyond it"],
  [
    "100",
    [["25", "5"]],
    ["20 x 5 = 100", "5 x 0 = 0 BEYOND_MAXIMUM"],
    "what crosses is split: 100 / 5 = 20 are paid, 5 are free",
  ],
  [
    "100",
    [
      ["10", "5"],
      ["20", "5"],
      ["7", "5"],
    ],
    ["10 x 5 = 50", "10 x 5 = 50", "10 x 0 = 0 BEYOND_MAXIMUM", "7 x 0 = 0 BEYOND_MAXIMUM"],
    "in the order of time; all later use is free",
  ],
  [
    "100",
    [["100", "3"]],
    ["33.333333333333 x 3 = 100", "66.666666666667 x 0 = 0 BEYOND_MAXIMUM"],
    "the amount is fixed first, the quantity rounds",
  ],
  [
    "100",
    [
      ["30", "5"],
      ["-14", "5"],
    ],
    ["20 x 5 = 100", "10 x 0 = 0 BEYOND_MAXIMUM", "-4 x 5 = -20", "-10 x 0 = 0 BEYOND_MAXIMUM"],
    "a correction first takes back what was free: 150 - 70 = 80 is due",
  ],
  ["0", [["3", "5"]], ["3 x 0 = 0 BEYOND_MAXIMUM"], "a maximum of 0 makes all free"],
])("at most %s of %j: %j, because %s", (maximum, uses, expected) => {
  const charges = uses.map(([quantity, price]) => use(quantity, price));
  expect(capCharges(charges, dec(maximum)).flat().map(show)).toEqual(expected);
});

test("a fee that the maximum makes free is told from use that it makes free", () => {
  const listed: TieredPrice = {
    type: "TIERED",
    tiers: [{ size: null, price: dec("5"), flatFee: dec("40") }],
  };
  const charges = priceCharges(listed, ZERO, dec("25"), dec("25"));
  expect(capCharges(charges, dec("100")).flat().map(show)).toEqual([
    "20 x 5 = 100",
    "5 x 0 = 0 BEYOND_MAXIMUM",
    "1 x 0 = 0 FEE_BEYOND_MAXIMUM",
  ]);
});

test.each([
  ["100", "60", ["1 x 40 = 40 MINIMUM"], "the rest to the minimum"],
  ["100", "0", ["1 x 100 = 100 MINIMUM"], "without usage all of it"],
  ["100", "100", [], "just reached"],
  ["100", "130", [], "passed"],
  ["100", "-20", ["1 x 120 = 120 MINIMUM"], "corrections are lifted too"],
])("at least %s of %s: %j, because %s", (minimum, spent, expected) => {
  expect(toShortfall(dec(minimum), dec(spent)).map(show)).toEqual(expected);
});

test("a maximum charges min(sum, maximum) and loses no quantity, whatever came when", () => {
  const cents = fc.integer({ min: -500, max: 500 }).map((n) => dec(String(n)));
  const price = fc.integer({ min: 0, max: 9 }).map((n) => dec(String(n)));
  fc.assert(
    fc.property(fc.array(fc.tuple(cents, price)), fc.nat(2000), (uses, limit) => {
      const charges = uses.map(([quantity, unit]) => toCharge(null, ZERO, quantity, unit));
      const maximum = dec(String(limit));
      const capped = capCharges(charges, maximum);
      const total = (all: readonly Charge[]) => sum(all.map(({ amount }) => amount));
      expect(toText(total(capped.flat()))).toBe(toText(min(total(charges), maximum)));
      for (const [n, charge] of charges.entries()) {
        const quantity = sum((capped[n] ?? []).map((part) => part.quantity));
        expect(toText(quantity)).toBe(toText(charge.quantity));
      }
    }),
  );
});
