import { expect, test } from "vitest";
import { dec, toText } from "../decimal.ts";
import { rolloverAmount } from "./rollover.ts";

test.each([
  ["10000", "100000", "0.5", "10000", "less is left than half of what was granted"],
  ["80000", "100000", "0.5", "50000", "half of what was granted is the most"],
  ["50000", "100000", "0.5", "50000", "exactly half is left"],
  ["0", "100000", "0.5", "0", "nothing is left"],
  ["80000", "100000", "0", "0", "the fraction 0 moves nothing"],
  ["80000", "100000", "1", "80000", "the fraction 1 moves all that is left"],
  ["100000", "100000", "1", "100000", "nothing was used"],
  ["0.7", "1", "0.333333333333", "0.333333333333", "fractions are exact, nothing is rounded"],
])("%s left of %s at %s: %s, because %s", (remaining, granted, fraction, expected) => {
  expect(toText(rolloverAmount(dec(remaining), dec(granted), dec(fraction)))).toBe(expected);
});
