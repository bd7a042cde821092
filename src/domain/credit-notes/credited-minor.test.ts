import { expect, test } from "vitest";
import type { Conventions } from "../conventions.ts";
import { getCreditType, USD_CREDIT_TYPE_ID } from "../credit-type.ts";
import { dec } from "../decimal.ts";
import type { CreditLine } from "./creditable.ts";
import { creditedMinor } from "./credited-minor.ts";

const line = (lineKey: string | null, amount: string): CreditLine => ({
  lineKey,
  name: "line",
  amount: dec(amount),
  returned: null,
});
const [A, B] = [line("a", "100.5"), line("b", "100.5")];

test.each<[string, CreditLine[], Conventions["invoiceRounding"], bigint]>([
  ["the exact sum is rounded: 201", [A, B], "sum_then_round", 201n],
  ["or each line, as the invoice of 101 and 101 was", [A, B], "round_then_sum", 202n],
  ["one of them", [A], "round_then_sum", 101n],
  [
    "what is credited of a line in parts is one",
    [line("a", "50.2"), line("a", "50.3")],
    "round_then_sum",
    101n,
  ],
  ["so are parts of the whole", [line(null, "0.4"), line(null, "0.4")], "round_then_sum", 1n],
  ["nothing", [], "round_then_sum", 0n],
])("%s", (_name, lines, invoiceRounding, expected) => {
  const conventions = { roundingMode: "half_away_from_zero", invoiceRounding } as const;
  expect(creditedMinor(lines, getCreditType(USD_CREDIT_TYPE_ID), conventions)).toBe(expected);
});
