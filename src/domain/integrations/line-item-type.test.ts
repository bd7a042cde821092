import { expect, test } from "vitest";
import type { CommitType } from "../commits/commit.ts";
import { dec } from "../decimal.ts";
import type { LineType } from "../invoices/line.ts";
import { LINE_ITEM_TYPES, toLineItemType } from "./line-item-type.ts";

const SEGMENT = "6b2b7a52-44a4-4a54-b9b0-9f6f6d2d1c11";
const at = "2024-01-01T00:00:00Z";

test.each([
  ["usage", `usage/p/{}/{}/${at}/flat`, "5", null, "USAGE", "metered, one price"],
  ["usage", `usage/p/{}/{}/${at}/tier 2`, "5", null, "USAGE", "metered, in a tier"],
  [
    "usage",
    `usage/p/{}/{}/${at}/tier 2/fee`,
    "5",
    null,
    "USAGE",
    "a tier's fee is a part of the price",
  ],
  ["usage", `usage/p/{}/{}/${at}/tier 2/fee`, "-5", null, "USAGE", "given back within its period"],
  ["usage", `usage/p/{}/{}/${at}/flat/beyond maximum`, "0", null, "USAGE", "used, and free"],
  [
    "usage",
    `usage/p/{}/{}/${at}/flat/by/${SEGMENT}`,
    "5",
    "PREPAID",
    "USAGE",
    "what a commit covers is usage",
  ],
  [
    "usage",
    `usage/p/{}/{}/${at}/flat/minimum`,
    "5",
    null,
    "MINIMUM_SPEND",
    "what was missing to a rate's minimum",
  ],
  [
    "usage",
    `usage/p/{}/{}/${at}/flat/minimum/by/${SEGMENT}`,
    "5",
    "CREDIT",
    "MINIMUM_SPEND",
    "the same, covered",
  ],
  [
    "usage",
    `usage/p/{"a":"x/flat/minimum"}/{}/${at}/flat`,
    "5",
    null,
    "USAGE",
    "a customer's own word is no ending",
  ],
  ["usage", `late/i/usage/p/{}/{}/${at}/flat`, "5", null, "USAGE", "usage that came late"],
  [
    "usage",
    `late/i/usage/p/{}/{}/${at}/flat/was`,
    "-5",
    null,
    "USAGE_CREDIT",
    "usage of an earlier bill, taken back",
  ],
  [
    "usage",
    `late/i/usage/p/{}/{}/${at}/flat/minimum`,
    "-5",
    null,
    "MINIMUM_SPEND_REFUND",
    "late usage fills a minimum that was billed",
  ],
  [
    "subscription",
    `subscription/s/${at}/c`,
    "5",
    null,
    "STANDING_CHARGE",
    "recurring, without usage",
  ],
  ["scheduled", "scheduled/c/i", "5", null, "AD_HOC", "dated by hand, once"],
  ["scheduled", "tax/c", "1", null, "AD_HOC", "tax that the caller computed for a purchase"],
  [
    "commit_purchase",
    "commit_purchase/c/i",
    "5",
    null,
    "COMMITMENT_FEE",
    "pays for a prepaid commit",
  ],
  [
    "commit_purchase",
    "commit_purchase/c/i",
    "5",
    "POSTPAID",
    "MINIMUM_SPEND",
    "a true-up: the unused rest of a promise",
  ],
  [
    "commit_purchase",
    "commit_purchase/c/i",
    "0",
    "POSTPAID",
    "MINIMUM_SPEND",
    "a true-up of nothing",
  ],
  [
    "commit_purchase",
    `late/i/true-up/${SEGMENT}`,
    "-5",
    "POSTPAID",
    "MINIMUM_SPEND_REFUND",
    "late usage fills a promise that was trued up",
  ],
  [
    "applied_commit_or_credit",
    "x/by/s/offset",
    "-5",
    "PREPAID",
    "COMMITMENT_CONSUMED",
    "draws a commit down",
  ],
  [
    "applied_commit_or_credit",
    "x/by/s/offset",
    "-5",
    "POSTPAID",
    "COMMITMENT_CONSUMED",
    "counts towards a promise",
  ],
  [
    "applied_commit_or_credit",
    "x/by/s/offset",
    "-5",
    "CREDIT",
    "BALANCE_CONSUMED",
    "a granted balance, not bought: m3ter's Balance",
  ],
  [
    "cpu_conversion",
    "cpu_conversion/u",
    "5",
    null,
    "USAGE",
    "what usage in a pricing unit costs in money",
  ],
] as const satisfies readonly (readonly [
  LineType,
  string,
  string,
  CommitType | null,
  string,
  string,
])[])("%s %s of %s (%s) is %s: %s", (type, lineKey, total, commitType, itemType) => {
  const commit =
    commitType === null
      ? null
      : { commitId: "commit", segmentId: SEGMENT, type: commitType as CommitType };
  const found = toLineItemType({ type, lineKey, total: dec(total), commit });
  expect(found).toBe(itemType);
  expect(LINE_ITEM_TYPES).toContain(found);
});
