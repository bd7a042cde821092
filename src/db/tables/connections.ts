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
  /** Why it is not connected (yet). */
  status_reason: string | null;
  /** The provider's id of the account. */
  account_id: string | null;
  webhook: DefaultedJson<WebhookState>;
  rotation_requested_at: InstantColumn | null;
  old_secret_until: InstantColumn | null;
  /** Time at the provider up to which its list of events was read. */
  polled_until: InstantColumn | null;
  /** Real time of the last poll that was answered. */
  polled_at: InstantColumn | null;
  poll_error: string | null;
  /** When a person's consent is over unless it is used before, and however often it is used. */
  consent_idle_at: InstantColumn | null;
  consent_hard_at: InstantColumn | null;
  /** Which warning of which end receivers of webhooks have heard last. */
  consent_warned_of: string | null;
  /** Real time of the last renewal of what the consent gave. */
  renewed_at: InstantColumn | null;
  /** Who renews it at this moment, and until when at most. */
  renewal_token: string | null;
  renewal_until: InstantColumn | null;
  position: Position;
}

/** How the events of an account reach us; empty while nobody has looked. */
export interface WebhookState {
  /** By an endpoint of ours, by one that a person set up at the provider, or only by polling. */
  readonly state?: "registered" | "by_hand" | "none";
  readonly url?: string;
  readonly endpoint_id?: string;
  /** Why there is no endpoint of ours. */
  readonly reason?: string;
}

/** Pages of consent that were given out; a state is good once. */
export interface AuthorizationStatesTable {
  state_hash: Buffer;
  environment_id: string;
  connection_id: string;
  expires_at: InstantColumn;
  used_at: InstantColumn | null;
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
