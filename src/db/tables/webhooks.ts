import type { Generated, InstantColumn, NullableJson, Position } from "../columns.ts";

export interface WebhookEndpointsTable {
  id: Generated<string>;
  environment_id: string;
  url: string;
  secret: string | null;
  event_types: NullableJson<string[]>;
  /** Failed tries since the last success. */
  consecutive_failures: Generated<number>;
  /** Those of them that got no answer in time. */
  consecutive_timeouts: Generated<number>;
  failing_since_at: InstantColumn | null;
  /** While the endpoint fails, the one delivery that goes on trying. */
  probe_delivery_id: string | null;
  disabled_at: InstantColumn | null;
  created_at: InstantColumn;
  archived_at: InstantColumn | null;
  name: string | null;
  description: string | null;
  code: string | null;
  /** Switched off by hand: it gets no messages. */
  active: Generated<boolean>;
  /** Encrypted; goes with each message in a header. */
  api_key: string | null;
  version: Generated<number>;
  position: Position;
}

export interface WebhookMessagesTable {
  id: string;
  environment_id: string;
  type: string;
  body: string;
  created_at: InstantColumn;
}

/** `parked`: waits without a job until the endpoint's probe has an outcome. */
export type WebhookDeliveryStatus = "pending" | "parked" | "delivered" | "failed";

export interface WebhookDeliveriesTable {
  id: Generated<string>;
  message_id: string;
  endpoint_id: string;
  status: WebhookDeliveryStatus;
  attempts: Generated<number>;
  last_status: number | null;
  last_error: string | null;
  delivered_at: InstantColumn | null;
  created_at: InstantColumn;
  /** Creation or the last replay: tries go on for two days from here. */
  trying_since_at: InstantColumn;
  position: Position;
}
