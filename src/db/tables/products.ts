import type {
  DefaultedJson,
  Generated,
  InstantColumn,
  NullableJson,
  Position,
} from "../columns.ts";

export interface QuantityConversionRow {
  conversion_factor: string;
  operation: "MULTIPLY" | "DIVIDE";
  name?: string;
}

export interface QuantityRoundingRow {
  rounding_method: "ROUND_UP" | "ROUND_DOWN" | "ROUND_HALF_UP";
  decimal_places: number;
}

export interface ProductsTable {
  id: Generated<string>;
  environment_id: string;
  type: "USAGE" | "FIXED" | "SUBSCRIPTION" | "COMPOSITE";
  created_at: InstantColumn;
  created_by: string;
  archived_at: InstantColumn | null;
  position: Position;
}

/** What a dated update may change. */
export type ProductField =
  | "name"
  | "billable_metric_id"
  | "tags"
  | "quantity_conversion"
  | "quantity_rounding"
  | "pricing_group_key"
  | "presentation_group_key"
  | "composite_product_ids"
  | "composite_tags"
  | "exclude_free_usage";

/** The product as created (`starting_at` null) or a dated update of it. */
export interface ProductVersionsTable {
  id: Generated<string>;
  product_id: string;
  starting_at: InstantColumn | null;
  /** The fields that an update set; its other columns only repeat what was in force. */
  changed: DefaultedJson<ProductField[]>;
  name: string;
  billable_metric_id: string | null;
  tags: DefaultedJson<string[]>;
  quantity_conversion: NullableJson<QuantityConversionRow>;
  quantity_rounding: NullableJson<QuantityRoundingRow>;
  pricing_group_key: DefaultedJson<string[]>;
  presentation_group_key: DefaultedJson<string[]>;
  composite_product_ids: NullableJson<string[]>;
  composite_tags: NullableJson<string[]>;
  exclude_free_usage: boolean | null;
  created_at: InstantColumn;
  created_by: string;
  position: Position;
}
