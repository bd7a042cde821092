import { expect, test } from "vitest";
import { dec, toText } from "../../domain/decimal.ts";
import { AppError } from "../../errors.ts";
import { type ItemTerms, mergeTerms, type PricedItem, priceItem } from "./price-item.ts";

const paramOf = (name: string) => `lines[0][${name}]`;

function show(terms: ItemTerms): string {
  try {
    const { amountMinor, unitAmount, quantity } = priceItem(terms, "usd", paramOf);
    return `${amountMinor} = ${unitAmount === null ? "whole" : toText(unitAmount)} x ${toText(quantity)}`;
  } catch (error) {
    return error instanceof AppError ? `${error.code} ${error.field}` : "unexpected";
  }
}

test.each<[ItemTerms, string, string]>([
  [{ amount: 1000n }, "1000 = whole x 1", "an amount stands as it is"],
  [{ amount: -1000n }, "-1000 = whole x 1", "credits are negative amounts"],
  [{ amount: 0n }, "0 = whole x 1", "zero is an amount"],
  [{ amount: 5n, quantity: "1" }, "5 = whole x 1", "one of it is the whole"],
  [{ amount: 5n, quantity: "2" }, "parameters_exclusive lines[0][amount]", "two of what?"],
  [{ amount: 5n, unitAmount: "5" }, "parameters_exclusive lines[0][amount]", "which one counts?"],
  [{ unitAmount: "0.125", quantity: "4" }, "1 = 0.125 x 4", "0.5 rounds away from zero"],
  [{ unitAmount: "2000" }, "2000 = 2000 x 1", "quantity is 1 unless given"],
  [{ unitAmount: "2000", quantity: "0" }, "0 = 2000 x 0", "nothing used"],
  [{ unitAmount: "1", quantity: "-1" }, "parameter_invalid_integer lines[0][quantity]", "no"],
  [{}, "parameter_missing lines[0][amount]", "a price must be named"],
  [{ quantity: "3" }, "parameter_missing lines[0][amount]", "a quantity is no price"],
  [{ unitAmount: "1", quantity: "100000000" }, "amount_too_large lines[0][quantity]", "9 digits"],
  [
    { unitAmount: "1000000000000", quantity: "0" },
    "amount_too_large lines[0][unit_amount_decimal]",
    "no price has 13 digits, whatever the quantity",
  ],
])("%o: %s (%s)", (terms, expected) => {
  expect(show(terms)).toBe(expected);
});

const priced: PricedItem = { amountMinor: 6n, unitAmount: dec("2"), quantity: dec("3") };
const whole: PricedItem = { amountMinor: 6n, unitAmount: null, quantity: dec("1") };

test.each<[PricedItem, ItemTerms, string, string]>([
  [priced, { quantity: "5" }, "10 = 2 x 5", "the price stays"],
  [priced, { unitAmount: "7" }, "21 = 7 x 3", "the quantity stays"],
  [priced, { amount: 4n }, "4 = whole x 1", "an amount replaces both"],
  [priced, {}, "6 = 2 x 3", "nothing changes"],
  [whole, {}, "6 = whole x 1", "nothing changes"],
  [whole, { unitAmount: "7", quantity: "2" }, "14 = 7 x 2", "a price replaces the amount"],
  [whole, { quantity: "2" }, "parameters_exclusive lines[0][amount]", "no unit to multiply"],
])("%o updated with %o: %s (%s)", (current, update, expected) => {
  expect(show(mergeTerms(current, update))).toBe(expected);
});
