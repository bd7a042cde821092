import type {
  DefaultedJson,
  Generated,
  InstantColumn,
  NullableJson,
  NumericColumn,
  Position,
} from "../columns.ts";
import type { BillingFrequency } from "../../domain/period.ts";

/** Prices and sizes are decimal text. The last tier has no size. */
export interface TierRow {
  size?: string;
  price: string;
}

export interface RateCardsTable {
  id: Generated<string>;
  environment_id: string;
  name: string;
  description: string | null;
  fiat_credit_type_id: string;
  created_at: InstantColumn;
  created_by: string;
  archived_at: InstantColumn | null;
  position: Position;
}

export interface RateCardAliasesTable {
  rate_card_id: string;
  environment_id: string;
  name: string;
  starting_at: InstantColumn | null;
  ending_before: InstantColumn | null;
  position: Position;
}

export interface RateCardProductsTable {
  rate_card_id: string;
  product_id: string;
  position: number;
}

export interface RatesTable {
  id: Generated<string>;
  rate_card_id: string;
  product_id: string;
  pricing_group_values: DefaultedJson<Record<string, string>>;
  starting_at: InstantColumn;
  ending_before: InstantColumn | null;
  entitled: boolean;
  /** For subscription products only. */
  billing_frequency: BillingFrequency | null;
  rate_type: "FLAT" | "TIERED";
  price: NumericColumn | null;
  tiers: NullableJson<TierRow[]>;
  credit_type_id: string;
  created_at: InstantColumn;
  created_by: string;
  position: Position;
}
