import fc from "fast-check";
import { expect, test } from "vitest";
import { minimumCharge } from "./currencies.ts";
import { settle } from "./settlement.ts";

test.each([
  [1000n, 0n, 1000n, 0n, [], "no balance: the total is due"],
  [1000n, -300n, 700n, 0n, [300n], "credit is used first"],
  [1000n, -1000n, 0n, 0n, [1000n], "credit covers it all"],
  [1000n, -1500n, 0n, -500n, [1000n], "the rest of the credit stays"],
  [1000n, 200n, 1200n, 0n, [-200n], "debt is added and cleared"],
  [-400n, 0n, 0n, -400n, [-400n], "a negative total becomes credit"],
  [-400n, 100n, 0n, -300n, [-400n], "a negative total pays debt first"],
  [-400n, 1000n, 600n, 0n, [-1000n], "debt larger than the credit of the invoice is due"],
  [0n, -500n, 0n, -500n, [], "a zero invoice leaves credit alone"],
  [49n, 0n, 0n, 49n, [49n], "under the minimum of 50: carried over"],
  [50n, 0n, 50n, 0n, [], "the minimum itself is charged"],
  [49n, 1n, 50n, 0n, [-1n], "what was carried over counts towards the minimum"],
  [100n, -60n, 0n, 40n, [60n, 40n], "credit leaves 40: too small, carried over"],
  [30n, 10n, 0n, 40n, [-10n, 40n], "carried over twice"],
])("total %s, balance %s: due %s, then %s; %s", (total, balance, due, ending, moves) => {
  const settlement = settle({ total, balance, currency: "usd" });
  expect(settlement.amountDue).toBe(due);
  expect(settlement.endingBalance).toBe(ending);
  expect(settlement.moves.map((move) => move.amount)).toEqual(moves);
});

test("minimums are the currency's own", () => {
  expect(settle({ total: 299n, balance: 0n, currency: "sek" }).amountDue).toBe(0n);
  expect(settle({ total: 30n, balance: 0n, currency: "gbp" }).amountDue).toBe(30n);
});

test("no unit is lost: total plus old balance is what is due plus new balance", () => {
  const amount = fc.bigInt({ min: -100_000_000n, max: 100_000_000n });
  fc.assert(
    fc.property(amount, amount, (total, balance) => {
      const { amountDue, endingBalance, moves } = settle({
        total,
        balance,
        currency: "eur",
      });
      expect(amountDue + endingBalance).toBe(total + balance);
      expect(amountDue === 0n || amountDue >= minimumCharge("eur")).toBe(true);
      expect(moves.reduce((sum, move) => sum + move.amount, balance)).toBe(endingBalance);
    }),
    { numRuns: 300 },
  );
});
