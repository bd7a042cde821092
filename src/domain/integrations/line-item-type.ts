import { ZERO } from "../decimal.ts";
import { isLateKey } from "../invoices/billed-usage.ts";
import { chargeKindOf } from "../invoices/charge-kind.ts";
import type { InvoiceLine } from "../invoices/line.ts";

/** Every type of line that a bill of the matched API has (m3ter API: "Bill line items"). */
export const LINE_ITEM_TYPES = [
  "STANDING_CHARGE",
  "USAGE",
  "COUNTER_RUNNING_TOTAL_CHARGE",
  "COUNTER_ADJUSTMENT_DEBIT",
  "COUNTER_ADJUSTMENT_CREDIT",
  "USAGE_CREDIT",
  "MINIMUM_SPEND",
  "MINIMUM_SPEND_REFUND",
  "CREDIT_DEDUCTION",
  "MANUAL_ADJUSTMENT",
  "CREDIT_MEMO",
  "DEBIT_MEMO",
  "COMMITMENT_CONSUMED",
  "COMMITMENT_FEE",
  "OVERAGE_SURCHARGE",
  "OVERAGE_USAGE",
  "BALANCE_CONSUMED",
  "BALANCE_FEE",
  "AD_HOC",
] as const;
export type LineItemType = (typeof LINE_ITEM_TYPES)[number];

/** Lines that lower what is due: without them the customer pays more than the bill says. */
export const LOWERING_LINE_ITEM_TYPES: readonly LineItemType[] = [
  "CREDIT_MEMO",
  "COMMITMENT_CONSUMED",
  "BALANCE_CONSUMED",
];

/** What decides the type of a line. */
export type TypedLine = Pick<InvoiceLine, "type" | "lineKey" | "total" | "commit">;

/**
 * What a line of ours is on a bill. Types that no line of ours is are not made up: there are no counters,
 * and a credit note is a document of its own. docs/bills.md has the rows with their reasons.
 */
export function toLineItemType(line: TypedLine): LineItemType {
  switch (line.type) {
    case "usage":
      return toUsageType(line);
    case "subscription":
      return "STANDING_CHARGE";
    case "scheduled":
      return "AD_HOC";
    case "commit_purchase":
      // A true-up bills the rest of what was promised; every other purchase pays for a commit.
      if (line.commit === null) return "COMMITMENT_FEE";
      return line.total.lt(ZERO) ? "MINIMUM_SPEND_REFUND" : "MINIMUM_SPEND";
    case "applied_commit_or_credit":
      return line.commit?.type === "CREDIT" ? "BALANCE_CONSUMED" : "COMMITMENT_CONSUMED";
    case "cpu_conversion":
      return "USAGE";
  }
}

function toUsageType({ lineKey, total }: TypedLine): LineItemType {
  const isBack = isLateKey(lineKey) && total.lt(ZERO);
  if (chargeKindOf(lineKey) === "MINIMUM") return isBack ? "MINIMUM_SPEND_REFUND" : "MINIMUM_SPEND";
  return isBack ? "USAGE_CREDIT" : "USAGE";
}
