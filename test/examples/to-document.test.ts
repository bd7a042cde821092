import { describe, expect, test } from "vitest";
import {
  type Invoice,
  toDocument,
  toMinor,
  toWhole,
} from "../../examples/push-invoices/to-document.ts";

describe("an amount in minor units and whole ones", () => {
  test.each([
    ["33.633", 0, "34", "cents, rounded"],
    ["33.5", 0, "34", "half away from zero"],
    ["-33.5", 0, "-34", "also below it"],
    ["33.4999999999999999", 0, "33", "more digits than a double has"],
    ["20.335", 2, "2034", "euros in cents"],
    ["20", 2, "2000", "without a point"],
    ["0.004", 2, "0", "nothing is left"],
    ["123456789012345678.5", 0, "123456789012345679", "more than a double holds"],
    ["1.2345", 3, "1235", "a currency of thousandths"],
  ])("%s by %i digits is %s: %s", (amount, digits, minor) => {
    expect(toMinor(amount, digits, "half_away_from_zero").toString()).toBe(minor);
  });

  test.each(["1e-7", "", "1,000", "NaN"])("%j is refused, not taken for nothing", (amount) => {
    expect(() => toMinor(amount, 2, "half_even")).toThrow("is not an amount");
  });

  test.each([
    ["half_even", "33.5", "34", "of two as near the even one"],
    ["half_even", "34.5", "34", "also downwards"],
    ["half_even", "34.50000001", "35", "no half any more"],
    ["half_even", "-34.5", "-34", "credits mirror charges"],
    ["away_from_zero", "34.01", "35", "whatever is left"],
    ["away_from_zero", "34.00", "34", "nothing is left"],
    ["away_from_zero", "-34.01", "-35", "away is down there"],
    ["toward_zero", "34.99", "34", "whatever is left is dropped"],
    ["toward_zero", "-34.99", "-34", "also below zero"],
  ])("in the mode %s: %s is %s: %s", (mode, amount, minor) => {
    expect(toMinor(amount, 0, mode).toString()).toBe(minor);
  });

  test("a mode that is not known is refused, not taken for another", () => {
    expect(() => toMinor("1.5", 0, "half_down")).toThrow("half_down is not a rounding mode");
  });

  test.each([
    [2034n, 2, "20.34"],
    [-5n, 2, "-0.05"],
    [20n, 0, "20"],
    [0n, 3, "0.000"],
  ])("%s with %i digits is %s", (minor, digits, text) => {
    expect(toWhole(minor, digits)).toBe(text);
  });
});

const usd = { id: "usd", name: "USD (cents)" };
const line = (total: string, rest: object = {}) => ({
  name: "Tokens",
  type: "usage",
  credit_type: usd,
  total,
  ...rest,
});
const invoice = (total: string, lines: Invoice["line_items"], currency = usd): Invoice => ({
  id: "i",
  customer_id: "c",
  credit_type: currency,
  issued_at: "2024-02-02T00:00:00Z",
  total,
  line_items: lines,
  conventions: { rounding_mode: "half_away_from_zero", invoice_rounding: "sum_then_round" },
  customer_custom_fields: {},
});
const amounts = (given: Invoice) => {
  const { document, total } = toDocument(given);
  return [document.currency, document.total, total, document.lines.map(({ amount }) => amount)];
};
const eur = { id: "eur", name: "EUR" };
const inEuro = (total: string) => line(total, { credit_type: eur });

test.each([
  [
    invoice("1.2", [line("0.4"), line("0.4"), line("0.4")]),
    ["USD", "0.01", "1", ["0.01", "0.00", "0.00"]],
    "three lines of nothing are a cent",
  ],
  [
    invoice("101.2", [line("0.6"), line("100.6")]),
    ["USD", "1.01", "101", ["0.01", "1.00"]],
    "the largest line gives one back",
  ],
  [
    invoice("7599.42", [inEuro("7599.42")], eur),
    ["EUR", "7599.42", "7599.42", ["7599.42"]],
    "whole units of euros",
  ],
  [
    invoice(
      "1500",
      [inEuro("1500")].map((each) => ({ ...each, credit_type: { id: "jpy" } })),
      { id: "jpy", name: "JPY" },
    ),
    ["JPY", "1500", "1500", ["1500"]],
    "yen have no parts",
  ],
  [
    invoice("500", [
      line("1000"),
      line("-500", { type: "applied_commit_or_credit", commit_type: "PrepaidCommit" }),
      line("-300", { type: "applied_commit_or_credit", commit_type: "PostpaidCommit" }),
      line("7", { credit_type: { id: "tokens" } }),
    ]),
    ["USD", "5.00", "500", ["10.00", "-5.00"]],
    "what is only shown is left out",
  ],
  [invoice("0", []), ["USD", "0.00", "0", []], "nothing was used"],
  [
    {
      ...invoice("1.2", [line("0.4"), line("0.4"), line("0.4")]),
      conventions: { rounding_mode: "half_away_from_zero", invoice_rounding: "round_then_sum" },
    },
    ["USD", "0.00", "0", ["0.00", "0.00", "0.00"]],
    "lines that are rounded first come to nothing together",
  ],
  [
    {
      ...invoice("0.1", [line("0.4"), line("0.4"), line("0.4"), line("-1.1")]),
      conventions: { rounding_mode: "away_from_zero", invoice_rounding: "round_then_sum" },
    },
    ["USD", "0.01", "1", ["0.01", "0.01", "0.01", "-0.02"]],
    "each of them is rounded up",
  ],
])("%j becomes %j: %s", (given, expected) => {
  expect(amounts(given)).toEqual(expected);
});
