import type { Generated, InstantColumn, NullableJson, Position } from "../columns.ts";

export interface WebhookEndpointsTable {
  id: Generated<string>;
  environment_id: string;
  url: string;
  secret: string | null;
  event_types: NullableJson<string[]>;
  consecutive_failures: Generated<number>;
  disabled_at: InstantColumn | null;
  created_at: InstantColumn;
  archived_at: InstantColumn | null;
  position: Position;
}

export interface WebhookMessagesTable {
  id: string;
  environment_id: string;
  type: string;
  body: string;
  created_at: InstantColumn;
}

export interface WebhookDeliveriesTable {
  id: Generated<string>;
  message_id: string;
  endpoint_id: string;
  status: Generated<"pending" | "delivered" | "failed">;
  attempts: Generated<number>;
  last_status: number | null;
  last_error: string | null;
  delivered_at: InstantColumn | null;
  created_at: InstantColumn;
  position: Position;
}
