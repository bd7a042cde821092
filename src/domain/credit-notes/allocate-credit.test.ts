import fc from "fast-check";
import { expect, test } from "vitest";
import { DEFAULT_CONVENTIONS } from "../conventions.ts";
import { getCreditType, USD_CREDIT_TYPE_ID } from "../credit-type.ts";
import { dec } from "../decimal.ts";
import { allocateCredit } from "./allocate-credit.ts";

const USD = getCreditType(USD_CREDIT_TYPE_ID);
const allocate = (cents: readonly string[], amountMinor: bigint) =>
  allocateCredit(cents.map(dec), amountMinor, USD, DEFAULT_CONVENTIONS);

test.each<[string, string[], bigint, bigint[]]>([
  ["whole cents stay", ["100", "50"], 150n, [100n, 50n]],
  ["150.4 is 150", ["100.2", "50.2"], 150n, [100n, 50n]],
  // Notes of 0.4 and of 150.4 come to 150.8, which is 151: the first was 0, so this one is 151.
  ["the cent of an earlier note goes to the larger line", ["50.2", "100.2"], 151n, [50n, 101n]],
  // Notes of 0.5 and of 150.5 come to 151: the first was 1, so this one is 150, and not 151 as by itself.
  ["and one that an earlier note had already is taken there", ["50.2", "100.3"], 150n, [50n, 100n]],
  ["a line that charges more than before stays as it is", ["10", "-2"], 8n, [10n, -2n]],
  ["less than half a cent that makes a cent full", ["0.4"], 1n, [1n]],
])("%s", (_name, cents, amountMinor, expected) => {
  expect(allocate(cents, amountMinor)).toEqual(expected);
});

test("the lines always come to what the note is", () => {
  const cents = fc.integer({ min: -5_000_000, max: 5_000_000 }).map((n) => (n / 1000).toFixed(3));
  fc.assert(
    fc.property(
      fc.array(cents, { minLength: 1, maxLength: 60 }),
      fc.bigInt({ min: -1n, max: 1n }),
      (exact, moved) => {
        const alone = allocate(exact, 0n).reduce((sum, each) => sum + each, 0n);
        expect(alone).toBe(0n);
        const wanted = 1_000n + moved;
        const lines = allocate(exact, wanted);
        expect(lines.reduce((sum, each) => sum + each, 0n)).toBe(wanted);
      },
    ),
  );
});
