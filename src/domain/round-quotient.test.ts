import { expect, test } from "vitest";
import { dec } from "./decimal.ts";
import { type AmountRounding, roundQuotient } from "./round-quotient.ts";

test.each([
  ["1000", "3", "HALF_UP", 0, "333", "333.33 is nearer to 333"],
  ["1000", "3", "CEILING", 0, "334", "anything above 333 goes up"],
  ["2000", "3", "FLOOR", 0, "666", "666.67 goes down"],
  ["2000", "3", "HALF_UP", 2, "666.67", "cents of a cent"],
  ["25", "2", "HALF_UP", 0, "13", "a half goes up"],
  ["2500", "2", "HALF_UP", -2, "1300", "1250 to hundreds: in cents, to whole dollars"],
  ["2480", "2", "HALF_UP", -2, "1200", "1240 to hundreds"],
  ["2480", "2", "CEILING", -2, "1300", "1240 to hundreds, up"],
  ["49", "1", "FLOOR", -2, "0", "less than one unit"],
  ["600", "2", "CEILING", -2, "300", "what is round stays"],
  ["0", "7", "CEILING", 0, "0", "nothing stays nothing"],
  ["8999999999999999", "3000000000000000", "FLOOR", 0, "2", "12 decimals would show 3"],
  ["7499999999999999", "3000000000000000", "HALF_UP", 0, "2", "12 decimals would show 2.5"],
] as const)(
  "%s / %s, %s to %d decimals: %s, because %s",
  (a, b, method, decimalPlaces, expected, _because) => {
    const rounding: AmountRounding = { method, decimalPlaces };
    expect(roundQuotient(dec(a), dec(b), rounding).toFixed()).toBe(expected);
  },
);
