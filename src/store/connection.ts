import type { Selectable } from "kysely";
import type { ConnectionsTable, WebhookState } from "../db/tables/connections.ts";

/** One account at a provider. The credential is encrypted; only an operation opens it. */
export interface Connection {
  readonly id: string;
  readonly environmentId: string;
  readonly provider: string;
  readonly name: string;
  readonly status: string;
  /** The credential, encrypted as JSON. */
  readonly sealed: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Our own Collect in the provider's place. */
  readonly builtIn: boolean;
  /** What routes that name no connection use. */
  readonly isDefault: boolean;
  readonly createdAt: string;
  readonly archivedAt: string | null;
  /** What of the credential may be shown. */
  readonly keyHint: string | null;
  /** How the credential was given; null: in the provider's usual way. */
  readonly credentialType: string | null;
  readonly version: number;
  /** Why it is not connected (yet). */
  readonly statusReason: string | null;
  /** The provider's id of the account, as far as it is known. */
  readonly accountId: string | null;
  readonly webhook: WebhookState;
  /** Somebody asked for a new signing secret, which is not there yet. */
  readonly rotationRequestedAt: string | null;
  /** Until then the signing secret before the newest is good as well. */
  readonly oldSecretUntil: string | null;
  /** Time at the provider up to which its list of events was read. */
  readonly polledUntil: string | null;
  /** Real time of the last poll that was answered. */
  readonly polledAt: string | null;
  readonly pollError: string | null;
  /** When a person's consent is over unless it is used before; null: there is none, or nobody said. */
  readonly consentIdleAt: string | null;
  /** When it is over however often it is used. */
  readonly consentHardAt: string | null;
  /** Real time of the last renewal of what it gave. */
  readonly renewedAt: string | null;
  readonly position: bigint;
}

export const fromConnectionRow = (row: Selectable<ConnectionsTable>): Connection => ({
  id: row.id,
  environmentId: row.environment_id,
  provider: row.provider,
  name: row.name,
  status: row.status,
  sealed: row.credential,
  settings: row.settings,
  builtIn: row.built_in,
  isDefault: row.is_default,
  createdAt: row.created_at,
  archivedAt: row.archived_at,
  keyHint: row.key_hint,
  credentialType: row.credential_type,
  version: row.version,
  statusReason: row.status_reason,
  accountId: row.account_id,
  webhook: row.webhook,
  rotationRequestedAt: row.rotation_requested_at,
  oldSecretUntil: row.old_secret_until,
  polledUntil: row.polled_until,
  polledAt: row.polled_at,
  pollError: row.poll_error,
  consentIdleAt: row.consent_idle_at,
  consentHardAt: row.consent_hard_at,
  renewedAt: row.renewed_at,
  position: row.position,
});
