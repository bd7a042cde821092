import type { InvoiceLine } from "../invoices/line.ts";

/** The types of bill lines on the integrations API, m3ter's LineItemType in full. */
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

/**
 * What a line of ours is in m3ter's words: usage, and what is left to pay of a custom pricing unit,
 * is USAGE; a subscription a STANDING_CHARGE; a charge of a schedule AD_HOC; the purchase of a commit
 * a COMMITMENT_FEE, but what trues a postpaid commit up MINIMUM_SPEND; what a commit pays
 * COMMITMENT_CONSUMED, what a credit pays BALANCE_CONSUMED. We have no lines of the other types.
 */
export function toLineItemType({
  type,
  commit,
}: Pick<InvoiceLine, "type" | "commit">): LineItemType {
  switch (type) {
    case "usage":
    case "cpu_conversion":
      return "USAGE";
    case "subscription":
      return "STANDING_CHARGE";
    case "scheduled":
      return "AD_HOC";
    case "commit_purchase":
      return commit === null ? "COMMITMENT_FEE" : "MINIMUM_SPEND";
    case "applied_commit_or_credit":
      return commit?.type === "CREDIT" ? "BALANCE_CONSUMED" : "COMMITMENT_CONSUMED";
  }
}
