import type {
  DefaultedInstant,
  DefaultedJson,
  Generated,
  InstantColumn,
  Position,
} from "../columns.ts";

export interface ConnectionsTable {
  id: Generated<string>;
  environment_id: string;
  provider: string;
  name: string;
  status: Generated<string>;
  credential: string;
  settings: DefaultedJson<Record<string, unknown>>;
  built_in: Generated<boolean>;
  is_default: Generated<boolean>;
  created_at: DefaultedInstant;
  archived_at: InstantColumn | null;
  /** What of the credential may be shown. */
  key_hint: string | null;
  /** In the words of the integrations API; null: the provider's usual one. */
  credential_type: string | null;
  version: Generated<number>;
  position: Position;
}

export interface CustomerBillingConfigurationsTable {
  id: Generated<string>;
  environment_id: string;
  customer_id: string;
  billing_provider: string;
  delivery_method: string;
  connection_id: string | null;
  configuration: DefaultedJson<Record<string, unknown>>;
  tax_provider: string | null;
  created_at: InstantColumn;
  archived_at: InstantColumn | null;
  position: Position;
}

export interface ProviderEventsTable {
  connection_id: string;
  event_id: string;
  type: string;
  payload: string;
  received_at: DefaultedInstant;
  processed_at: InstantColumn | null;
}
