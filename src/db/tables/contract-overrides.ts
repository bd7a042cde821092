import type { BillingFrequency } from "../../domain/period.ts";
import type {
  Generated,
  InstantColumn,
  NullableJson,
  NumericColumn,
  Position,
} from "../columns.ts";
import type { PriceRow } from "./rate-cards.ts";

/** As it was sent: absent fields are absent, the commits are ids of their own. */
export interface OverrideSpecifierRow {
  product_id?: string;
  product_tags?: string[];
  pricing_group_values?: Record<string, string>;
  presentation_group_values?: Record<string, string>;
  billing_frequency?: BillingFrequency;
  commit_ids?: string[];
  recurring_commit_ids?: string[];
  any_commit_or_credit_ids?: string[];
}

export interface ContractOverridesTable {
  id: Generated<string>;
  contract_id: string;
  starting_at: InstantColumn;
  ending_before: InstantColumn | null;
  entitled: boolean | null;
  type: "OVERWRITE" | "MULTIPLIER" | "TIERED" | null;
  is_commit_specific: boolean;
  target: "LIST_RATE" | "COMMIT_RATE";
  priority: NumericColumn | null;
  multiplier: NumericColumn | null;
  /** Without a credit type it is in the contract's currency. */
  overwrite_rate: NullableJson<PriceRow & { credit_type_id?: string }>;
  tiers: NullableJson<{ size?: string; multiplier: string }[]>;
  /** Its scope is one of these three. */
  product_id: string | null;
  applicable_product_tags: NullableJson<string[]>;
  override_specifiers: NullableJson<OverrideSpecifierRow[]>;
  created_at: InstantColumn;
  created_by: string;
  /** Taken out of force by an edit; invoices that were finalized before still name it. */
  removed_at: Generated<InstantColumn | null>;
  position: Position;
}
