import { describe, expect, test } from "vitest";
import { dec, toText } from "../decimal.ts";
import type { Charge } from "./charge.ts";
import { rateVolume } from "./volume.ts";

const show = ({ kind, tier, quantity, amount }: Charge) =>
  `${kind} ${tier?.level}: ${toText(quantity)} = ${toText(amount)}`;

describe("rateVolume: 10 each to 100, 8 each to 1000, then 5 each", () => {
  const tiers = [
    { size: dec("100"), price: dec("10") },
    { size: dec("900"), price: dec("8") },
    { size: null, price: dec("5") },
  ];
  test.each<[string, string, string, string, string]>([
    ["0", "100", "100", "USE 1: 100 = 1000", "a tier owns its upper bound"],
    ["0", "101", "101", "USE 2: 101 = 808", "every unit has the price of the last one's tier"],
    ["0", "1000", "1000", "USE 2: 1000 = 8000", "the second bound is its tier's too"],
    ["0", "1000.5", "1000.5", "USE 3: 1000.5 = 5002.5", "part units count"],
    ["0", "60", "120", "USE 2: 60 = 480", "a first window is priced by the whole period: 60 x 8"],
    ["60", "120", "120", "USE 2: 60 = 480", "so that both windows make 120 x 8 = 960"],
    ["120", "50", "50", "USE 1: -70 = -700", "a fall is priced by where the period ends"],
    ["0", "0", "0", "USE 1: 0 = 0", "no usage is one empty charge"],
    ["0", "-5", "-5", "USE 1: -5 = -50", "below zero the first tier's price holds"],
  ])("%s -> %s of %s: %s, because %s", (before, after, period, charge) => {
    expect(rateVolume(tiers, dec(before), dec(after), dec(period)).map(show)).toEqual([charge]);
  });

  test("a last tier with an end would leave usage unpriced", () => {
    const ended = tiers.slice(0, 2);
    expect(() => rateVolume(ended, dec("0"), dec("1"), dec("1001"))).toThrow(/open-ended/);
  });
});
