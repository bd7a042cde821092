import { expect, test } from "vitest";
import { dec, toText } from "../decimal.ts";
import { findTooSmall } from "./recharge-minimums.ts";

const CENTS = "100";
const EUROS = "1";

test.each([
  ["500", "1500", "1", CENTS, null, "5 dollars, and 10 more"],
  ["499.99", "9999", "1", CENTS, "threshold_amount 500", "a part of a cent below 5 dollars"],
  ["500", "1499", "1", CENTS, "recharge_to_amount 1500", "a cent below 10 dollars more"],
  ["5", "15", "1", EUROS, null, "euros are written whole"],
  ["50", "150", "10", CENTS, null, "50 tokens of 10 cents are 5 dollars, 100 more are 10"],
  ["49", "500", "10", CENTS, "threshold_amount 500", "49 tokens are 4.90 dollars"],
  ["50", "149.9", "10", CENTS, "recharge_to_amount 1500", "99.9 tokens more are 9.99 dollars"],
  ["60", "150", "10", CENTS, "recharge_to_amount 1600", "10 dollars above 6"],
  ["2000", "6000", "0.25", CENTS, null, "2,000 of a quarter cent are 5 dollars"],
  ["1", "2", "1000", CENTS, null, "units of 10 dollars each"],
  ["4", "14", "1.25", EUROS, null, "4 of 1.25 euros are 5, and 14 are 17.50"],
  ["4", "11.9", "1.25", EUROS, "recharge_to_amount 15", "11.9 of 1.25 euros are 14.875"],
] as const)(
  "threshold %s, recharge to %s, one at %s (%s a whole): %s, because %s",
  (threshold, rechargeTo, unitPrice, wholeUnit, expected, _why) => {
    const terms = {
      threshold: dec(threshold),
      rechargeTo: dec(rechargeTo),
      unitPrice: dec(unitPrice),
    };
    const found = findTooSmall(terms, dec(wholeUnit));
    expect(found ? `${found.field} ${toText(found.least)}` : null).toBe(expected);
  },
);
