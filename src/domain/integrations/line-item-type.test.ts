import { expect, test } from "vitest";
import type { CommitType } from "../commits/commit.ts";
import type { LineType } from "../invoices/line.ts";
import { toLineItemType } from "./line-item-type.ts";

test.each<readonly [LineType, CommitType | null, string]>([
  ["usage", null, "USAGE"],
  ["usage", "PREPAID", "USAGE"],
  ["cpu_conversion", null, "USAGE"],
  ["subscription", null, "STANDING_CHARGE"],
  ["scheduled", null, "AD_HOC"],
  ["commit_purchase", null, "COMMITMENT_FEE"],
  ["commit_purchase", "POSTPAID", "MINIMUM_SPEND"],
  ["applied_commit_or_credit", "PREPAID", "COMMITMENT_CONSUMED"],
  ["applied_commit_or_credit", "POSTPAID", "COMMITMENT_CONSUMED"],
  ["applied_commit_or_credit", "CREDIT", "BALANCE_CONSUMED"],
])("%s of commit %s is %s", (type, commit, expected) => {
  const of = commit === null ? null : { commitId: "c", segmentId: "s", type: commit };
  expect(toLineItemType({ type, commit: of })).toBe(expected);
});
