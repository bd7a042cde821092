import type { ColumnType } from "kysely";
import type { InstantColumn, Json, NumericColumn } from "../columns.ts";

export interface UsageEventKeysTable {
  /** md5 of "environment id:transaction id". */
  key: string;
  /** hashtextextended of the event's customer_ref; with the time it says where the event is. */
  ref_hash: bigint | null;
  event_at: InstantColumn | null;
}

export interface UsageEventsTable {
  environment_id: string;
  key: string;
  transaction_id: string;
  customer_ref: string;
  event_type: string;
  event_at: InstantColumn;
  /** JSON text as it was sent. */
  properties: string;
  received_at: InstantColumn;
}

export interface UsageRollupsTable {
  metric_id: string;
  customer_ref: string;
  hour: InstantColumn;
  group_hash: string;
  group_values: Json<Record<string, string>>;
  event_count: bigint;
  value_sum: NumericColumn;
  value_max: NumericColumn | null;
  latest_value: NumericColumn | null;
  latest_at: InstantColumn | null;
}

export interface UsageDistinctValuesTable {
  metric_id: string;
  customer_ref: string;
  hour: InstantColumn;
  group_hash: string;
  value_hash: string;
  group_values: Json<Record<string, string>>;
}

export interface UsageMetricVersionsTable {
  environment_id: string;
  version: ColumnType<bigint, bigint | undefined, bigint>;
}
