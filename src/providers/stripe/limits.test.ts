import { expect, test } from "vitest";
import { currency } from "../../domain/currency.ts";
import { findTooLarge, maximumAmount, minimumCharge } from "./limits.ts";

/** USD is in cents on the wire, others in whole units. */
const money = (code: string) => {
  const of = currency(code);
  return { currency: of, wireExponent: code === "USD" ? 0 : of.exponent };
};

test.each([
  ["USD", 50n, "half a dollar"],
  ["GBP", 30n, "thirty pence"],
  ["JPY", 50n, "fifty yen: there are no smaller units"],
  ["HUF", 17_500n, "175.00"],
  ["ZAR", 50n, "none is published: half a whole unit"],
  ["KRW", 1n, "none is published, and no smaller units: one"],
])("the least that is charged in %s is %s: %s", (code, minimum) => {
  expect(minimumCharge(money(code))).toBe(minimum);
});

test.each<[string, Record<string, string>, bigint, string]>([
  ["USD", {}, 99_999_999n, "999,999.99"],
  ["JPY", {}, 99_999_999n, "eight digits as well"],
  ["IDR", {}, 999_999_999_999n, "more digits"],
  ["USD", { USD: "250000000" }, 250_000_000n, "USD is told in cents"],
  ["EUR", { EUR: "2500000.5" }, 250_000_050n, "EUR in whole units"],
  ["EUR", { USD: "250000000" }, 99_999_999n, "raised for another currency"],
  ["EUR", { EUR: "2.009" }, 200n, "parts of a cent are no more room"],
])("the most in %s with %o is %s: %s", (code, raised, maximum) => {
  expect(maximumAmount(money(code), raised)).toBe(maximum);
});

test.each<[bigint[], bigint, RegExp | undefined]>([
  [[1000n, -400n], 600n, undefined],
  [[1001n, -400n], 601n, /line "Tokens" of 1001 minor units/],
  [[-1001n, 400n], -601n, /line "Tokens" of -1001/],
  [[600n, 500n], 1100n, /total of 1100 minor units is above Stripe's maximum of 1000/],
])("lines of %s, in all %s: %s", (amounts, total, problem) => {
  const lines = amounts.map((amountMinor) => ({ amountMinor, productName: "Tokens" }));
  const found = findTooLarge(lines, total, 1000n);
  if (problem === undefined) expect(found).toBeUndefined();
  else expect(found).toMatch(problem);
});
