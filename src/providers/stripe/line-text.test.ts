import { expect, test } from "vitest";
import { sampleLine } from "../../../test/support/sample-delivery.ts";
import { CREDIT_TYPES } from "../../domain/credit-type.ts";
import { dec } from "../../domain/decimal.ts";
import { describeLine, showPrice } from "./line-text.ts";

const creditType = (name: string) => {
  const found = CREDIT_TYPES.find((type) => type.name === name);
  if (found === undefined) throw new Error(name);
  return found;
};
const USD = creditType("USD (cents)");

test.each([
  ["USD (cents)", "1000", "$10.00", "USD is in cents on our wire"],
  ["USD (cents)", "0.0125", "$0.000125", "no digit is lost"],
  ["USD (cents)", "-5", "-$0.05", "the sign stands in front"],
  ["USD (cents)", "0", "$0.00", "free"],
  ["EUR", "10", "EUR 10.00", "others are in whole units"],
  ["EUR", "0.0125", "EUR 0.0125", "no digit is lost"],
  ["JPY", "10", "JPY 10", "no smaller unit"],
  ["JPY", "10.5", "JPY 10.5", "but a price may have one"],
])("%s %s is shown as %s: %s", (name, price, shown) => {
  expect(showPrice(dec(price), creditType(name))).toBe(shown);
});

test.each([
  [{}, false, "Tokens"],
  [{ quantity: "1.5", unitPrice: "10" }, true, "Tokens (1.5 x $0.10)"],
  [{ quantity: null, unitPrice: null, total: "-5" }, true, "Tokens"],
  [{ pricingGroupValues: { region: "eu", tier: "gold" } }, false, "Tokens region: eu, tier: gold"],
  [{ presentationGroupValues: { team: "a" } }, true, "Tokens team: a (1 x $1.00)"],
])("%j, with quantity %s, reads %s", (line, withQuantity, expected) => {
  expect(describeLine(sampleLine(line), USD, withQuantity)).toBe(expected);
});

test("a long text is cut between characters", () => {
  const text = describeLine(sampleLine({ name: "😀".repeat(400) }), USD, false);
  expect(text.isWellFormed()).toBe(true);
  expect([...text]).toHaveLength(400);
  expect([...describeLine(sampleLine({ name: "😀".repeat(600) }), USD, false)]).toHaveLength(500);
});
