import { expect, test } from "vitest";
import { dec } from "../../domain/decimal.ts";
import { lineAmount, wholeQuantity } from "./line-amount.ts";

test.each([
  ["1000", "1", 1000n, "whole units stay"],
  ["0.5", "1", 1n, "half a cent rounds away from zero"],
  ["0.49", "1", 0n, "less than half rounds down"],
  ["-0.5", "1", -1n, "away from zero on the negative side too"],
  ["-0.49", "1", 0n, "towards zero below half"],
  ["2.5", "3", 8n, "7.5 is rounded once, after the multiplication"],
  ["0.000000000001", "1000000000000", 1n, "twelve decimals are kept"],
  ["0.000125", "18059974", 2257n, "2257.49675: a real month of tokens"],
  ["33.333333333333", "3", 100n, "99.999999999999 rounds up"],
  ["99", "0", 0n, "nothing used costs nothing"],
  ["1.5", "1.5", 2n, "2.25: part units price exactly"],
])("%s x %s = %s, because %s", (unit, quantity, amount) => {
  expect(lineAmount(dec(unit), dec(quantity))).toBe(amount);
});

test.each([
  ["2.999", 2n],
  ["0.1", 0n],
  ["5", 5n],
])("quantity %s is shown as %s whole units", (quantity, whole) => {
  expect(wholeQuantity(dec(quantity))).toBe(whole);
});
