/** How much a finding matters: money is wrong, something a customer sees is, or it is only to be known. */
export type Severity = "error" | "warning" | "info";

/**
 * What a comparison of our deliveries with a provider may find, each with how much it matters
 * (docs/reconciliation.md says what is done about each).
 */
export const FINDING_SEVERITIES = {
  deleted: "error",
  missing: "error",
  voided_there: "error",
  void_here_open_there: "error",
  stuck_draft: "error",
  unsent: "error",
  customer_changed: "error",
  customer_deleted: "error",
  currency_differs: "error",
  edited_lines: "error",
  missing_lines: "error",
  extra_lines: "error",
  duplicated_lines: "error",
  discount_added: "error",
  tax_unexpected: "error",
  edited_total: "error",
  duplicate_invoice: "error",
  orphan_draft: "warning",
  orphan_final: "error",
  orphan_payment: "error",
  paid_twice: "error",
  overpaid: "warning",
  paid_without_money: "info",
  paid_here_open_there: "error",
  open_here_paid_there: "warning",
  status_missed: "warning",
  marked_uncollectible: "warning",
  finalized_by_hand: "info",
  collection_method_changed: "warning",
  due_date_changed: "warning",
  metadata_removed: "warning",
  number_missing: "warning",
  credit_note_missing: "error",
  credit_note_extra: "error",
  unreadable: "error",
} as const satisfies Readonly<Record<string, Severity>>;

export type FindingClass = keyof typeof FINDING_SEVERITIES;

export const FINDING_CLASSES = Object.keys(FINDING_SEVERITIES) as FindingClass[];
