import { expect, test } from "vitest";
import { dec, toText } from "../decimal.ts";
import { decideRecharge, decideSpend, type ThresholdPurchase } from "./decide-recharge.ts";

const show = (purchase: ThresholdPurchase | null) =>
  purchase && `${toText(purchase.grants)} for ${toText(purchase.costs)}`;

test.each([
  ["50.01", "50", "500", "1", "1", null, "above the threshold"],
  ["50", "50", "500", "1", "1", "450 for 450", "the threshold itself is reached"],
  ["0", "50", "500", "1", "1", "500 for 500", "one large use passes the threshold"],
  ["50", "50", "500", "0.1", "1", "450 for 45", "(500 - 50) units at 0.10 dollars are 45 dollars"],
  ["49.5", "50", "500", "0.1", "1", "450.5 for 45.05", "fractions of a unit cost their part"],
  ["50", "50", "500", "10", "1", "450 for 4500", "450 tokens at 10 cents are 4,500 cents"],
  [
    "30",
    "50",
    "500",
    "10",
    "0.85",
    "470 for 3995",
    "470 tokens are 4,700 cents, 85% of which is paid",
  ],
  ["50", "50", "500", "0.0333", "1", "450 for 14.985", "a price below a cent is not rounded here"],
  ["0.5", "1", "3", "1000", "0.5", "2.5 for 1250", "2.5 of 10 dollars each at half the price"],
  ["1000", "1000", "5000", "1", "0.85", "4000 for 3400", "the customer pays 85% of 40 dollars"],
  ["700", "1000", "2000", "1", "0.3333", "1300 for 433.29", "an uneven fraction stays exact"],
] as const)(
  "balance %s, threshold %s, recharge to %s at %s x %s: %s, because %s",
  (balance, threshold, rechargeTo, unitPrice, fraction, expected, _why) => {
    const terms = {
      threshold: dec(threshold),
      rechargeTo: dec(rechargeTo),
      unitPrice: dec(unitPrice),
      paymentFraction: dec(fraction),
    };
    expect(show(decideRecharge(dec(balance), terms))).toBe(expected);
  },
);

test.each([
  ["9999.99", "10000", "1", null, "below the threshold"],
  ["10000", "10000", "1", "10000 for 10000", "the threshold itself is reached"],
  ["12345.678", "10000", "1", "12345.678 for 12345.678", "all that is unpaid is billed"],
  ["10000", "10000", "0.9", "10000 for 9000", "the commit covers all, at a discount"],
  ["0", "0", "1", null, "nothing to bill"],
] as const)(
  "unpaid %s, threshold %s x %s: %s, because %s",
  (unpaid, threshold, fraction, expected, _why) => {
    const terms = { threshold: dec(threshold), paymentFraction: dec(fraction) };
    expect(show(decideSpend(dec(unpaid), terms))).toBe(expected);
  },
);
