import { expect, test } from "vitest";
import type { LineType } from "./line.ts";
import { noEventsReason } from "./no-events.ts";
import type { StoredStep } from "./stored-step.ts";

const AT = "2024-01-01T00:00:00Z";
const rate: StoredStep = { step: "rate", rateId: "r", rateType: "FLAT", rateStartingAt: AT };
const spend: StoredStep = { step: "spend", productIds: [], spendBefore: "0", spendAfter: "1" };
const minimum: StoredStep = { step: "minimum", minimum: "9", spent: "3", amount: "6" };
const window = { windowStart: AT, windowEnd: AT };
const stated: StoredStep = { step: "stated", ...window, quantity: "2", windowCount: 1 };

test.each<[LineType, readonly StoredStep[], string]>([
  ["usage", [stated, rate], "An imported invoice states the quantity"],
  ["usage", [spend, rate], "a percentage of what other products cost"],
  ["usage", [rate, minimum], "missing to the rate's minimum"],
  ["usage", [rate], "Nothing was metered"],
  ["subscription", [rate], "A subscription is billed by its quantity"],
  ["applied_commit_or_credit", [], "pays for another one"],
  ["scheduled", [], "was scheduled"],
  ["commit_purchase", [], "pays for a commit"],
  ["cpu_conversion", [], "in a pricing unit"],
])("a line of %s with the steps %j: %s", (type, steps, expected) => {
  expect(noEventsReason({ type }, steps)).toContain(expected);
});
