import type { BillingFrequency } from "../../domain/period.ts";
import type {
  DefaultedJson,
  Generated,
  InstantColumn,
  NullableJson,
  NumericColumn,
  Position,
} from "../columns.ts";

/** Prices and sizes are decimal text. The last tier has no size. */
export interface TierRow {
  size?: string;
  price: string;
  flat_fee?: string;
}

/** A price that stands in no rate of its own; decimals are text. */
export type PriceRow =
  | { type: "FLAT"; price: string; package_size?: string }
  | { type: "TIERED"; tiers: TierRow[]; tier_mode?: "VOLUME"; package_size?: string }
  | { type: "PERCENTAGE"; price: string };

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
  rate_type: PriceRow["type"];
  price: NumericColumn | null;
  tiers: NullableJson<TierRow[]>;
  /** null: each slice has the price of its tier. */
  tier_mode: "VOLUME" | null;
  package_size: NumericColumn | null;
  minimum_amount: NumericColumn | null;
  maximum_amount: NumericColumn | null;
  credit_type_id: string;
  commit_rate: NullableJson<PriceRow>;
  created_at: InstantColumn;
  created_by: string;
  position: Position;
}
