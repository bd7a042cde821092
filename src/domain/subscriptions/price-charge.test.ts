import { expect, test } from "vitest";
import { at, contract, subscription } from "../../../test/support/sample-snapshot.ts";
import { dec, toText } from "../decimal.ts";
import { priceCharge } from "./price-charge.ts";
import { subscriptionCharges } from "./subscription-charges.ts";

test.each([
  ["DAILY", "24", "2024-01-01", "2024-01-10T06", "18", "18 of 24 hours"],
  ["WEEKLY", "700", "2024-01-01", "2024-01-10", "500", "Wednesday to Sunday, 5 of 7 days"],
  ["MONTHLY", "2900", "2024-01-31", "2024-02-10", "1900", "January 31 to February 29 is 29 days"],
  ["MONTHLY", "2800", "2022-12-31", "2023-02-10", "1800", "January 31 to February 28 is 28 days"],
  ["MONTHLY", "3100", "2024-01-31", "2024-03-01", "3000", "February 29 to March 31 is 31 days"],
  ["QUARTERLY", "9100", "2023-11-30", "2024-02-09", "2000", "91 days to February 29"],
  ["QUARTERLY", "9100", "2023-11-30", "2024-05-20", "1000", "91 days to May 30"],
  ["ANNUAL", "36600", "2024-01-01", "2024-03-01", "30600", "306 of the 366 days of a leap year"],
  ["ANNUAL", "36500", "2023-01-01", "2023-03-01", "30600", "306 of 365 days"],
  ["ANNUAL", "36500", "2024-02-29", "2025-02-18", "1000", "to February 28: 365 days"],
] as const)("%s at %s, from %s: what begins on %s costs %s, because of %s", (...row) => {
  const [billingFrequency, price, anchor, from, expected] = row;
  const startingAt = at(from);
  const usageSchedule = {
    frequency: "MONTHLY",
    anchor: { day: "CUSTOM_DATE", anchorAt: at(anchor) },
    invoiceGenerationStartingAt: null,
  } as const;
  const terms = subscription({
    billingFrequency,
    startingAt,
    quantities: [{ id: "first", startingAt, quantity: dec("1") }],
  });
  const agreed = contract({ startingAt: at(anchor), usageSchedule });
  const [first] = subscriptionCharges(agreed, terms, startingAt, startingAt.add({ hours: 9000 }));
  expect(first && toText(priceCharge(terms, first, dec(price), "time").total)).toBe(expected);
});
