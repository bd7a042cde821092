import { expect, test } from "vitest";
import { type BillJobTerms, isInScope } from "./bill-job.ts";

const january = { id: "a", issuedAt: "2024-02-02T00:00:00Z", endAt: "2024-02-01T00:00:00Z" };

test.each([
  [{}, true, "a job without terms is for every bill"],
  [{ billIds: ["a", "b"] }, true, "it is named"],
  [{ billIds: ["b"] }, false, "others are named"],
  [{ billDate: "2024-02-02" }, true, "dated on that day"],
  [{ billDate: "2024-02-01" }, false, "dated later"],
  [{ lastDateInBillingPeriod: "2024-01-31" }, true, "its period ends with that day"],
  [{ lastDateInBillingPeriod: "2024-02-01" }, false, "the end itself is no part of the period"],
  [{ billDate: "2024-03-01", lastDateInBillingPeriod: "2024-02-29" }, false, "both must hold"],
] as const satisfies readonly (readonly [BillJobTerms, boolean, string])[])(
  "%j: %s, because %s",
  (terms, inScope) => {
    expect(isInScope(terms, january)).toBe(inScope);
  },
);

test("what has no period has no last day", () => {
  expect(isInScope({ lastDateInBillingPeriod: "2024-01-31" }, { ...january, endAt: null })).toBe(
    false,
  );
});
