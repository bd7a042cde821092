import type { CommitSpecifier } from "../../domain/commits/commit.ts";
import type {
  Generated,
  InstantColumn,
  NullableJson,
  NumericColumn,
  Position,
} from "../columns.ts";
import type { ChildPlanRow } from "./recurring-commits.ts";

export interface CommitsTable {
  id: Generated<string>;
  environment_id: string;
  customer_id: string;
  contract_id: string | null;
  type: "PREPAID" | "POSTPAID" | "CREDIT";
  product_id: string;
  name: string | null;
  description: string | null;
  priority: NumericColumn;
  access_credit_type_id: string;
  invoice_credit_type_id: string | null;
  invoice_contract_id: string | null;
  do_not_invoice: Generated<boolean>;
  applicable_product_ids: NullableJson<string[]>;
  applicable_product_tags: NullableJson<string[]>;
  applicable_contract_ids: NullableJson<string[]>;
  rate_type: "LIST_RATE" | "COMMIT_RATE";
  specifiers: NullableJson<CommitSpecifier[]>;
  /** Of a postpaid commit: nothing is billed of what usage leaves unpaid. */
  true_up_disabled_at: InstantColumn | null;
  netsuite_sales_order_id: string | null;
  uniqueness_key: string | null;
  /** What spawned it, and what for; null: it was agreed on by itself. */
  recurring_commit_id: string | null;
  recurring_plan: NullableJson<ChildPlanRow>;
  /** The most that rolls over at a renewal of what a segment grants, 0 to 1; null: nothing. */
  rollover_fraction: NumericColumn | null;
  /** The commit of an earlier contract whose rest it is. */
  rolled_over_from_id: string | null;
  /** Since when its amounts are final; null while the earlier contract has drafts. */
  rollover_settled_at: InstantColumn | null;
  created_at: InstantColumn;
  created_by: string;
  archived_at: InstantColumn | null;
  position: Position;
}

export interface CommitSegmentsTable {
  id: Generated<string>;
  commit_id: string;
  amount: NumericColumn;
  starting_at: InstantColumn;
  ending_before: InstantColumn;
  /** The segment whose rest it is. */
  rolled_over_from_id: string | null;
  /** The one seat whose usage it pays for; null: anybody's. */
  seat_id: string | null;
  position: Position;
}

export interface CommitInvoiceItemsTable {
  id: Generated<string>;
  commit_id: string;
  charged_at: InstantColumn;
  unit_price: NumericColumn;
  quantity: NumericColumn;
  amount: NumericColumn;
  position: Position;
}

/**
 * What changed a segment's balance: negative draw-downs of invoices, signed manual entries, returns.
 * Grants and expirations are not stored: they follow from the segment and the clock.
 */
export interface CommitLedgerEntriesTable {
  id: string;
  commit_id: string;
  segment_id: string;
  type: string;
  amount: NumericColumn;
  entered_at: InstantColumn;
  invoice_id: string | null;
  /** Where a rollover went. */
  new_contract_id: string | null;
  reason: string | null;
  /** The credit note that gave it back; null: none did. */
  credit_note_id: Generated<string | null>;
  position: Position;
}
