import type {
  DefaultedJson,
  Generated,
  InstantColumn,
  NullableJson,
  Position,
} from "../columns.ts";

export interface ValueFilter {
  in_values?: string[];
  not_in_values?: string[];
}

export interface PropertyFilterRow extends ValueFilter {
  name: string;
  exists?: boolean;
}

export interface BillableMetricsTable {
  id: Generated<string>;
  environment_id: string;
  name: string;
  aggregation_type: "COUNT" | "SUM" | "MAX" | "LATEST" | "UNIQUE";
  aggregation_key: string | null;
  event_type_filter: NullableJson<ValueFilter>;
  property_filters: DefaultedJson<PropertyFilterRow[]>;
  group_keys: DefaultedJson<string[][]>;
  created_at: InstantColumn;
  archived_at: InstantColumn | null;
  position: Position;
}
