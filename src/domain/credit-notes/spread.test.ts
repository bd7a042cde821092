import fc from "fast-check";
import { expect, test } from "vitest";
import { dec, sum } from "../decimal.ts";
import { spreadMinor } from "./spread.ts";

test.each([
  [10n, ["1", "1"], [5n, 5n], "equal weights, equal parts"],
  [10n, ["1", "1", "1"], [4n, 3n, 3n], "of equal cuts the earliest gets the missing unit"],
  // 10 x 1/6 = 1.67, 10 x 2/6 = 3.33, 10 x 3/6 = 5: the first lost most.
  [10n, ["1", "2", "3"], [2n, 3n, 5n], "the largest cut gets the missing unit"],
  [7n, ["0", "5"], [0n, 7n], "what weighs nothing gets nothing"],
  [0n, ["0", "0"], [0n, 0n], "nothing to split needs no weights"],
  // 1 x 0.4/1 and 0.6/1: one unit goes where more of it is lost.
  [1n, ["0.4", "0.6"], [0n, 1n], "weights may have fractions"],
])("%s over %j: %s, because %s", (whole, weights, parts, _why) => {
  expect(spreadMinor(whole, weights.map(dec))).toEqual(parts);
});

test.each([
  [-1n, ["1"]],
  [1n, ["-1", "2"]],
  [1n, ["0"]],
  [1n, []],
])("%s over %j is refused", (whole, weights) => {
  expect(() => spreadMinor(whole, weights.map(dec))).toThrow(RangeError);
});

test("the parts add up to the whole, and none is a unit or more from its share", () => {
  const weight = fc.integer({ min: 0, max: 100_000 }).map((value) => dec(`${value}e-3`));
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n, max: 1_000_000n }),
      fc.array(weight, { minLength: 1, maxLength: 12 }),
      (whole, weights) => {
        const total = sum(weights);
        fc.pre(total.gt(dec("0")));
        const parts = spreadMinor(whole, weights);
        expect(parts.reduce((a, b) => a + b, 0n)).toBe(whole);
        for (const [index, part] of parts.entries()) {
          // |part - whole x weight / total| < 1, without a division.
          const exact = dec(whole.toString()).times(weights[index] ?? dec("0"));
          const off = dec(part.toString()).times(total).minus(exact).abs();
          expect(off.lt(total)).toBe(true);
        }
      },
    ),
  );
});
