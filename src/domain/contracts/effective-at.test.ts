import { expect, test } from "vitest";
import { instant, instantText } from "../time.ts";
import { type EffectiveAt, effectiveInstant } from "./effective-at.ts";

const contract = {
  startingAt: instant("2024-01-15T00:00:00Z"),
  endingBefore: null,
  usageSchedule: {
    frequency: "MONTHLY" as const,
    anchor: { day: "FIRST_OF_MONTH" as const },
    invoiceGenerationStartingAt: null,
  },
};

test.each<[string, EffectiveAt, string, string]>([
  ["03-10", "START_OF_CURRENT_PERIOD", "03-01", "March runs"],
  ["03-01", "START_OF_CURRENT_PERIOD", "03-01", "a period owns its start"],
  ["03-10", "START_OF_NEXT_PERIOD", "04-01", "April comes next"],
  ["01-20", "START_OF_CURRENT_PERIOD", "01-15", "the first period begins with the contract"],
  ["01-20", "START_OF_NEXT_PERIOD", "02-01", "the stub ends with January"],
  ["01-02", "START_OF_CURRENT_PERIOD", "01-15", "before it begins, the first period is meant"],
])("on %s, %s is %s: %s", (now, wanted, expected) => {
  const at = effectiveInstant(wanted, contract, instant(`2024-${now}T00:00:00Z`));
  expect(instantText(at)).toBe(`2024-${expected}T00:00:00Z`);
});
