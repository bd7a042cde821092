import { expect, test } from "vitest";
import { dec, sum, toText } from "../decimal.ts";
import type { Charge } from "./charge.ts";
import { priceCharges } from "./price-charges.ts";
import type { TieredPrice } from "./rate.ts";

const graduated: TieredPrice = {
  type: "TIERED",
  tiers: [
    { size: dec("10"), price: dec("0"), flatFee: dec("100") },
    { size: dec("10"), price: dec("2") },
    { size: null, price: dec("1"), flatFee: dec("30") },
  ],
};
const volume: TieredPrice = { ...graduated, mode: "VOLUME" };

const show = ({ kind, tier, amount }: Charge) =>
  `${kind === "TIER_FEE" ? "fee" : "use"} ${tier?.level} = ${toText(amount)}`;
const rate = (price: TieredPrice, before: string, after: string, period = after) =>
  priceCharges(price, dec(before), dec(after), dec(period));

test.each<[TieredPrice, string, string, string, string[], string]>([
  [graduated, "0", "0", "0", ["use 1 = 0"], "no usage, no fee"],
  [graduated, "0", "1", "1", ["use 1 = 0", "fee 1 = 100"], "the first unit gets into the tier"],
  [graduated, "0", "10", "10", ["use 1 = 0", "fee 1 = 100"], "the bound is still the first tier"],
  [graduated, "1", "15", "15", ["use 1 = 0", "use 2 = 10"], "a fee is due once; tier 2 has none"],
  [graduated, "15", "25", "25", ["use 2 = 10", "use 3 = 5", "fee 3 = 30"], "into the third tier"],
  [graduated, "25", "15", "15", ["use 2 = -10", "use 3 = -5", "fee 3 = -30"], "a fall gives back"],
  [graduated, "5", "0", "0", ["use 1 = 0", "fee 1 = -100"], "all is taken back"],
  [volume, "0", "25", "25", ["use 3 = 25", "fee 3 = 30"], "only the fee of the tier that holds"],
  [volume, "0", "5", "25", ["use 3 = 5", "fee 3 = 30"], "with the first unit of the period"],
  [volume, "5", "25", "25", ["use 3 = 20"], "and once: 5 + 20 + 30 = 55 as in one window"],
  [volume, "0", "0", "0", ["use 1 = 0"], "no usage, no fee"],
])("%o: %s -> %s of %s: %j, because %s", (price, before, after, period, expected) => {
  expect(rate(price, before, after, period).map(show)).toEqual(expected);
});

test.each<[string, TieredPrice, string, string]>([
  ["graduated", graduated, "161", "100 + 10 x 0, 10 x 2, 30 + 11 x 1"],
  ["volume", volume, "61", "30 + 31 x 1"],
])("%s: windows cost what the period costs", (_name, price, total) => {
  const edges = ["0", "4", "4", "12", "20", "21", "31"];
  const parts = edges.slice(1).flatMap((after, n) => rate(price, edges[n] ?? "0", after, "31"));
  const cost = (charges: readonly Charge[]) => toText(sum(charges.map(({ amount }) => amount)));
  expect(cost(parts)).toBe(total);
  expect(cost(rate(price, "0", "31"))).toBe(total);
});
