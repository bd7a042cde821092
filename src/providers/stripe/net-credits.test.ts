import { expect, test } from "vitest";
import { netCredits } from "./net-credits.ts";

/** "a 100": 100 of product a. */
const read = (text: string) => {
  const [product = "", amount = ""] = text.split(" ");
  return { product, amountMinor: BigInt(amount) };
};

test.each<[string[], bigint[], string]>([
  [["a 100", "b 50"], [100n, 50n], "no credit, nothing changes"],
  [["a 100", "a -30"], [70n, 0n], "off its own product"],
  [["a 100", "a 50", "b 80", "a -30"], [80n, 40n, 80n, 0n], "off two of its product, two to one"],
  [["a 100", "b 50", "c -30"], [80n, 40n, 0n], "of no other product: off all of them"],
  [
    ["a 20", "b 60", "c 20", "a -40"],
    [0n, 45n, 15n, 0n],
    "20 off its own; the other 20 off b and c, three to one",
  ],
  [
    ["a 1", "a 1", "a 1", "a -2"],
    [0n, 0n, 1n, 0n],
    "2 x 1/3 each: equal losses, the earliest give",
  ],
  [
    ["a 100", "a 50", "a 50", "b -1"],
    [99n, 50n, 50n, 0n],
    "0.5 against 0.25: the largest remainder",
  ],
  [["a -30", "a 100", "a -20"], [0n, 50n, 0n], "credits come together, wherever they stand"],
  [["a 30", "b -30"], [0n, 0n], "all of it"],
  [["a 0", "b 10", "b -10"], [0n, 0n, 0n], "a line of nothing gives nothing"],
])("%s leaves %s: %s", (amounts, left) => {
  const given = amounts.map(read);
  const netted = netCredits(given, 1n);
  expect(netted).toEqual(left);
  const total = (all: bigint[]) => all.reduce((sum, each) => sum + each, 0n);
  expect(total(netted)).toBe(total(given.map(({ amountMinor }) => amountMinor)));
});

test("a currency of steps is taken off in steps", () => {
  // 10 steps of 100 over 2 and 1: 6.67 and 3.33, so 7 and 3.
  expect(netCredits([read("a 2000"), read("a 1000"), read("a -1000")], 100n)).toEqual([
    1300n,
    700n,
    0n,
  ]);
});
