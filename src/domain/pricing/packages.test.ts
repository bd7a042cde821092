import { expect, test } from "vitest";
import { dec, toText } from "../decimal.ts";
import { wholeBlocks } from "./packages.ts";
import { priceCharges } from "./price-charges.ts";
import type { RatePrice } from "./rate.ts";

test.each([
  ["0", "100", "0", "nothing begins no block"],
  ["1", "100", "1", "a begun block counts in full"],
  ["100", "100", "1", "a full block is one"],
  ["100.0000000000001", "100", "2", "however little it is over: no quotient is rounded"],
  ["7", "3", "3", "2 1/3 blocks, which no decimal holds"],
  ["9", "3", "3", "exactly 3"],
  ["0.75", "0.25", "3", "blocks may be smaller than a unit"],
  ["-1", "100", "-1", "a correction mirrors what it corrects"],
])("%s units in blocks of %s: %s, because %s", (units, size, blocks) => {
  expect(toText(wholeBlocks(dec(units), dec(size)))).toBe(blocks);
});

const perThousand: RatePrice = { type: "FLAT", price: dec("50"), packageSize: dec("1000") };
const tiered: RatePrice = {
  type: "TIERED",
  packageSize: dec("10"),
  tiers: [
    { size: dec("2"), price: dec("7") },
    { size: null, price: dec("5") },
  ],
};
test.each<[string, RatePrice, string, string, string[], string]>([
  ["50 per 1000", perThousand, "0", "2001", ["3 x 50 = 150"], "the third block is begun"],
  ["50 per 1000", perThousand, "0", "500", ["1 x 50 = 50"], "first window of 500 + 700"],
  ["50 per 1000", perThousand, "500", "1200", ["1 x 50 = 50"], "together 2 blocks, not 1 + 1 + 1"],
  ["50 per 1000", perThousand, "500", "900", ["0 x 50 = 0"], "the block is paid for already"],
  ["7, then 5 per 10", tiered, "0", "31", ["2 x 7 = 14", "2 x 5 = 10"], "tiers count blocks: 4"],
])("%s: %s %s -> %s: %j, because %s", (_name, price, before, after, expected) => {
  const charges = priceCharges(price, dec(before), dec(after), dec(after));
  expect(
    charges.map(
      ({ quantity, unitPrice, amount }) =>
        `${toText(quantity)} x ${toText(unitPrice)} = ${toText(amount)}`,
    ),
  ).toEqual(expected);
});
