import { type Selectable, sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { ConnectionsTable, WebhookState } from "../db/tables/connections.ts";
import { notFound } from "../errors.ts";

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
  readonly position: bigint;
}

const fromRow = (row: Selectable<ConnectionsTable>): Connection => ({
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
  position: row.position,
});

/** The environment's connection of that id, deleted or not, or undefined. */
export async function findConnection(
  db: CoreDb,
  environmentId: string,
  id: string,
): Promise<Connection | undefined> {
  const row = await db
    .selectFrom("connections")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("id", "=", id)
    .executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

/** As findConnection. Throws not_found. */
export async function getConnection(
  db: CoreDb,
  environmentId: string,
  id: string,
): Promise<Connection> {
  const found = await findConnection(db, environmentId, id);
  if (found === undefined) throw notFound("connection", id);
  return found;
}

/** The environment's connection of that id as long as it was not deleted. Throws not_found. */
export async function getLiveConnection(
  db: CoreDb,
  environmentId: string,
  id: string,
): Promise<Connection> {
  const found = await getConnection(db, environmentId, id);
  if (found.archivedAt !== null) throw notFound("connection", id);
  return found;
}

/** The connection that the environment uses where a route names none, or undefined. */
export async function findDefaultConnection(
  db: CoreDb,
  environmentId: string,
  provider: string,
): Promise<Connection | undefined> {
  const row = await db
    .selectFrom("connections")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("provider", "=", provider)
    .where("is_default", "=", true)
    .where("archived_at", "is", null)
    .executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

/** The environment's connection to our own Collect, or undefined before the first start with it. */
export async function findBuiltInConnection(
  db: CoreDb,
  environmentId: string,
): Promise<Connection | undefined> {
  const row = await db
    .selectFrom("connections")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("built_in", "=", true)
    .where("archived_at", "is", null)
    .executeTakeFirst();
  return row === undefined ? undefined : fromRow(row);
}

/** The environment's connections that were not deleted, oldest first. */
export async function listConnections(
  db: CoreDb,
  environmentId: string,
  provider?: string,
): Promise<Connection[]> {
  let query = db
    .selectFrom("connections")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("archived_at", "is", null);
  if (provider !== undefined) query = query.where("provider", "=", provider);
  return (await query.orderBy("position").execute()).map(fromRow);
}

export interface ConnectionFilter {
  readonly providers: readonly string[];
  readonly after: bigint | undefined;
  readonly limit: number;
}

/** One page of connections at these providers, oldest first; one row more than `limit`. */
export async function listConnectionPage(
  db: CoreDb,
  environmentId: string,
  { providers, after, limit }: ConnectionFilter,
): Promise<Connection[]> {
  const rows = await db
    .selectFrom("connections")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("archived_at", "is", null)
    .where("provider", "=", sql<string>`any(${providers}::text[])`)
    .where("position", ">", after ?? 0n)
    .orderBy("position")
    .limit(limit + 1)
    .execute();
  return rows.map(fromRow);
}

/**
 * Holds every connection decision of the environment until the transaction ends, so that two
 * requests cannot both make the default.
 */
export async function lockConnections(
  tx: CoreTransaction,
  environmentId: string,
): Promise<Connection[]> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`connections:${environmentId}`}, 0))`.execute(
    tx,
  );
  return listConnections(tx, environmentId);
}

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
  return fromRow(row);
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
