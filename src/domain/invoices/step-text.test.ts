import { expect, test } from "vitest";
import { stepText } from "./step-text.ts";
import type { StoredStep } from "./stored-step.ts";

const JAN = "2024-01-01T00:00:00Z";
const FEB = "2024-02-01T00:00:00Z";
const window = { windowStart: JAN, windowEnd: FEB };
const values = { valueAtStart: "3", valueAtEnd: "10" };
const segment = { commitId: "c", segmentId: "s" };

test.each<[StoredStep, string]>([
  [
    { step: "usage", metricId: "m", aggregation: "SUM", ...window, ...values, eventCount: "4" },
    `SUM of usage from ${JAN} to ${FEB}: 10 - 3 (4 events)`,
  ],
  [
    {
      step: "usage",
      metricId: "m",
      aggregation: "UNIQUE",
      ...window,
      valueAtStart: "0",
      valueAtEnd: "10",
      eventCount: null,
    },
    `UNIQUE of usage from ${JAN} to ${FEB}: 10`,
  ],
  [
    { step: "stated", ...window, quantity: "5", windowCount: 3 },
    `Imported quantity from ${JAN} to ${FEB}: 5, in 3 parts`,
  ],
  [
    { step: "conversion", factor: "1000", operation: "DIVIDE", ...values },
    "Converted: divide by 1000: 10 - 3",
  ],
  [
    { step: "rounding", method: "ROUND_UP", decimalPlaces: 2, ...values },
    "Quantity, round up to 2 decimal places: 10 - 3",
  ],
  [
    { step: "rate", rateId: "r", rateType: "FLAT", rateStartingAt: JAN },
    `Rate r of the rate card, FLAT, in force since ${JAN}`,
  ],
  [{ step: "access", overrideId: "o" }, "Override o opens the product to the contract"],
  [{ step: "commit-rate", rateType: "FLAT" }, "The commit pays at its own price, FLAT"],
  [
    {
      step: "override",
      overrideId: "o",
      overrideType: "MULTIPLIER",
      isCommitSpecific: true,
      listed: { type: "FLAT", price: "2" },
      price: { type: "FLAT", price: "1" },
    },
    "Override o (MULTIPLIER, of what a commit pays) changes the listed price",
  ],
  [
    {
      step: "tier",
      level: 2,
      startingAt: "5",
      size: null,
      quantityBefore: "5",
      quantityAfter: "7",
    },
    "Tier 2, without end, begins at 5: the period's quantity from 5 to 7 falls into it",
  ],
  [
    {
      step: "package",
      packageSize: "10",
      unitsBefore: "0",
      unitsAfter: "25",
      blocksBefore: "0",
      blocksAfter: "3",
    },
    "Blocks of 10: 3 for 25 units",
  ],
  [
    { step: "volume", periodQuantity: "70" },
    "The period's whole quantity, 70, picks the tier of all units",
  ],
  [{ step: "tier-fee", fee: "9", amount: "9" }, "Fee of the tier, 9: 9"],
  [
    { step: "maximum", maximum: "100", spentBefore: "60", ofAmount: "50", amount: "40" },
    "The rate's maximum of 100, of which 60 was used up, leaves 40 of 50",
  ],
  [
    { step: "minimum", minimum: "100", spent: "60", amount: "40" },
    "To the rate's minimum of 100 there was 60: 40 is missing",
  ],
  [
    { step: "spend", productIds: ["a", "b"], spendBefore: "0", spendAfter: "80" },
    "What 2 products cost: 80",
  ],
  [{ step: "price", quantity: "2", unitPrice: "40", amount: "80" }, "2 x 40 = 80"],
  [
    { step: "commit", ...segment, before: "450", amount: "450", after: "0" },
    "Commit c pays 450: its balance goes from 450 to 0",
  ],
  [
    {
      step: "cpu-conversion",
      unitId: "u",
      priced: "12",
      burned: "2",
      quantity: "10",
      fiatPerUnit: "3",
      amount: "30",
    },
    "12 of the pricing unit, less 2 that commits paid: 10 x 3 = 30",
  ],
  [
    {
      step: "true-up",
      ...segment,
      committed: "100",
      applied: "70",
      rolledOver: "10",
      amount: "20",
    },
    "Committed 100, used 70, less 10 that moved on: 20 is left to pay",
  ],
  [
    {
      step: "split",
      part: "remainder",
      ofQuantity: "5",
      ofAmount: "500",
      quantity: "0.5",
      amount: "50",
    },
    "The rest that no commit covers: 0.5 of 5, 50 of 500",
  ],
  [
    {
      step: "proration",
      startingAt: JAN,
      endingBefore: FEB,
      periodStart: JAN,
      periodEnd: FEB,
      basis: "days",
      part: "10",
      whole: "31",
      price: "31",
      unitPrice: "10",
    },
    `From ${JAN} to ${FEB}, 10 of 31 (days): 31 becomes 10`,
  ],
  [{ step: "tax", source: "precalculated", amount: "7" }, "Tax as it was given: 7"],
  [
    {
      step: "schedule",
      scheduleItemId: "i",
      at: JAN,
      quantity: "2",
      unitPrice: "700",
      amount: "1400",
    },
    `Scheduled at ${JAN}: 2 x 700, billed 1400`,
  ],
])("%j", (step, text) => {
  expect(stepText(step)).toBe(text);
});
