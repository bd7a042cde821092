import { expect, test } from "vitest";
import { AppError } from "../../errors.ts";
import { assertInvoiceTotal, assertLineAmount, assertLineCount } from "./invoice-limits.ts";

const codeOf = (work: () => void): string => {
  try {
    work();
    return "ok";
  } catch (error) {
    return error instanceof AppError ? error.code : "unexpected";
  }
};

test.each([
  [99_999_999n, "usd", "ok", "eight digits"],
  [100_000_000n, "usd", "amount_too_large", "nine digits"],
  [-100_000_000n, "usd", "amount_too_large", "nine digits of credit"],
  [100_000_000n, "idr", "ok", "rupiah has more digits"],
  [1230n, "kwd", "ok", "the last of three decimals is 0"],
  [1234n, "kwd", "invalid_charge_amount", "no fils below ten"],
  [150n, "isk", "invalid_charge_amount", "no part of a krona"],
])("a line of %s %s: %s (%s)", (amount, currency, code) => {
  expect(codeOf(() => assertLineAmount(amount, currency, "amount"))).toBe(code);
});

test.each([
  [249, 1, "ok"],
  [250, 1, "parameter_invalid_range"],
  [151, 100, "parameter_invalid_range"],
])("%s lines and %s more: %s", (existing, adding, code) => {
  expect(codeOf(() => assertLineCount(existing, adding, "lines"))).toBe(code);
});

test("a total of nine digits cannot be finalized", () => {
  expect(codeOf(() => assertInvoiceTotal(100_000_000n, "eur"))).toBe("amount_too_large");
  expect(codeOf(() => assertInvoiceTotal(99_999_999n, "eur"))).toBe("ok");
});
