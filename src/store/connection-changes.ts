import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { WebhookState } from "../db/tables/connections.ts";
import { type Connection, fromConnectionRow } from "./connection.ts";

export interface NewConnection {
  readonly environmentId: string;
  readonly provider: string;
  readonly name: string;
  readonly sealed: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly builtIn?: boolean;
  readonly keyHint?: string | undefined;
  readonly credentialType?: string | undefined;
  /** Default: connected. */
  readonly status?: string | undefined;
  /** Only while its provider has no other default: see makeDefaultConnection. */
  readonly isDefault: boolean;
  /** On the environment's clock; left out, real time. */
  readonly createdAt?: string;
}

/** Adds a connection. */
export async function insertConnection(db: CoreDb, connection: NewConnection): Promise<Connection> {
  const row = await db
    .insertInto("connections")
    .values({
      environment_id: connection.environmentId,
      provider: connection.provider,
      name: connection.name,
      credential: connection.sealed,
      settings: JSON.stringify(connection.settings ?? {}),
      built_in: connection.builtIn ?? false,
      is_default: connection.isDefault,
      key_hint: connection.keyHint ?? null,
      credential_type: connection.credentialType ?? null,
      ...(connection.status === undefined ? {} : { status: connection.status }),
      ...(connection.createdAt === undefined ? {} : { created_at: connection.createdAt }),
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return fromConnectionRow(row);
}

/** Makes this connection the one and only default of its provider in its environment. */
export async function makeDefaultConnection(
  tx: CoreTransaction,
  { id, environmentId, provider }: Pick<Connection, "id" | "environmentId" | "provider">,
): Promise<void> {
  await tx
    .updateTable("connections")
    .set({ is_default: false })
    .where("environment_id", "=", environmentId)
    .where("provider", "=", provider)
    .where("is_default", "=", true)
    .where("id", "!=", id)
    .execute();
  await tx.updateTable("connections").set({ is_default: true }).where("id", "=", id).execute();
}

export interface ConnectionChanges {
  readonly name?: string | undefined;
  readonly status?: string | undefined;
  readonly sealed?: string | undefined;
  readonly settings?: Readonly<Record<string, unknown>> | undefined;
  readonly keyHint?: string | undefined;
  readonly version?: number | undefined;
  readonly statusReason?: string | null;
  readonly accountId?: string | null;
  readonly webhook?: WebhookState;
  readonly rotationRequestedAt?: string | null;
  readonly oldSecretUntil?: string | null;
  readonly polledUntil?: string | null;
  readonly polledAt?: string;
  readonly pollError?: string | null;
}

/** Changes the given parts of a connection. Its id, and with it every route over it, stays. */
export async function updateConnection(
  db: CoreDb,
  id: string,
  changes: ConnectionChanges,
): Promise<void> {
  if (Object.values(changes).every((part) => part === undefined)) return;
  const { settings, webhook } = changes;
  await db
    .updateTable("connections")
    .set({
      // What is undefined is left as it is.
      name: changes.name,
      status: changes.status,
      credential: changes.sealed,
      settings: settings && JSON.stringify(settings),
      key_hint: changes.keyHint,
      version: changes.version,
      status_reason: changes.statusReason,
      account_id: changes.accountId,
      webhook: webhook && JSON.stringify(webhook),
      rotation_requested_at: changes.rotationRequestedAt,
      old_secret_until: changes.oldSecretUntil,
      polled_until: changes.polledUntil,
      polled_at: changes.polledAt,
      poll_error: changes.pollError,
    })
    .where("id", "=", id)
    .execute();
}

/** Deletes a connection for the outside; runs that went over it keep naming it. */
export async function archiveConnection(
  tx: CoreTransaction,
  id: string,
  archivedAt: string,
): Promise<void> {
  await tx
    .updateTable("connections")
    .set({ archived_at: archivedAt, is_default: false })
    .where("id", "=", id)
    .execute();
}
