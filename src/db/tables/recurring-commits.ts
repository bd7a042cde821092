import type { CommitSpecifier } from "../../domain/commits/commit.ts";
import type { ProrationBasis } from "../../domain/conventions.ts";
import type { BillingFrequency } from "../../domain/period.ts";
import type { Proration, SubscriptionConfig } from "../../domain/recurring/recurring-commit.ts";
import type {
  Generated,
  InstantColumn,
  NullableJson,
  NumericColumn,
  Position,
} from "../columns.ts";

/** Terms by which a contract is given a commit or a credit each period. */
export interface RecurringCommitsTable {
  id: Generated<string>;
  contract_id: string;
  type: "COMMIT" | "CREDIT";
  product_id: string;
  name: string | null;
  description: string | null;
  priority: NumericColumn;
  rate_type: "LIST_RATE" | "COMMIT_RATE";
  rollover_fraction: NumericColumn | null;
  applicable_product_ids: NullableJson<string[]>;
  applicable_product_tags: NullableJson<string[]>;
  specifiers: NullableJson<CommitSpecifier[]>;
  netsuite_sales_order_id: string | null;
  access_credit_type_id: string;
  access_unit_price: NumericColumn;
  /** null: the quantity of the subscription. */
  access_quantity: NumericColumn | null;
  invoice_credit_type_id: string | null;
  invoice_unit_price: NumericColumn | null;
  invoice_quantity: NumericColumn | null;
  duration_periods: number;
  /** null: with the usage invoices of the contract. */
  recurrence_frequency: BillingFrequency | null;
  proration: Proration;
  starting_at: InstantColumn;
  ending_before: InstantColumn | null;
  /** The subscription whose units it grants value for. */
  subscription_id: string | null;
  /** Into one pool, or to each seat for its usage alone. */
  allocation: SubscriptionConfig["allocation"];
  is_increase_prorated: boolean | null;
  created_at: InstantColumn;
  created_by: string;
  position: Position;
}

interface IntervalRow {
  start: string;
  end: string;
}

interface UnitAmountRow {
  unit_price: string;
  quantity: string;
}

/** What a child was spawned for; instants and decimals are text. */
export interface ChildPlanRow {
  whole: IntervalRow;
  active: IntervalRow;
  counted: IntervalRow;
  basis: ProrationBasis;
  access_ending_before: string;
  access: UnitAmountRow;
  /** Absent: what it grants is for all. */
  seats?: { group_key: string; seat_ids: string[] };
  invoice: UnitAmountRow | null;
  rate_type: "LIST_RATE" | "COMMIT_RATE";
}
