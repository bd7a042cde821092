import type { Selectable } from "kysely";
import type { CoreDb } from "../db/database.ts";
import type { ConnectionsTable } from "../db/tables/connections.ts";
import { notFound } from "../errors.ts";

/** An account at a provider. `sealed` is its credential, encrypted. */
export interface Connection {
  readonly id: string;
  readonly environmentId: string;
  readonly provider: string;
  readonly name: string;
  readonly status: string;
  readonly sealed: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly builtIn: boolean;
  readonly isDefault: boolean;
  readonly createdAt: string;
  readonly archivedAt: string | null;
}

const toConnection = (row: Selectable<ConnectionsTable>): Connection => ({
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
});

/** The connection with this id in the environment, archived or not. */
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
  return row === undefined ? undefined : toConnection(row);
}

/** As findConnection. Throws AppError (not_found). */
export async function getConnection(
  db: CoreDb,
  environmentId: string,
  id: string,
): Promise<Connection> {
  const found = await findConnection(db, environmentId, id);
  if (found === undefined) throw notFound("connection", id);
  return found;
}

/** Connections that are in use, oldest first; of one provider when it is named. */
export async function listConnections(
  db: CoreDb,
  environmentId: string,
  provider?: string,
): Promise<Connection[]> {
  let query = db
    .selectFrom("connections")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("archived_at", "is", null)
    .orderBy("created_at")
    .orderBy("id");
  if (provider !== undefined) query = query.where("provider", "=", provider);
  return (await query.execute()).map(toConnection);
}

/** Where the environment's invoices for this provider go unless they name another connection. */
export async function findDefaultConnection(
  db: CoreDb,
  environmentId: string,
  provider: string,
): Promise<Connection | undefined> {
  const connections = await listConnections(db, environmentId, provider);
  return connections.find((connection) => connection.isDefault);
}

/** The sandbox's connection to our own Collect, once it was made. */
export async function findBuiltInConnection(
  db: CoreDb,
  environmentId: string,
): Promise<Connection | undefined> {
  const row = await db
    .selectFrom("connections")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("built_in", "=", true)
    .executeTakeFirst();
  return row === undefined ? undefined : toConnection(row);
}

export interface NewConnection {
  readonly environmentId: string;
  readonly provider: string;
  readonly name: string;
  readonly sealed: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly builtIn?: boolean;
  readonly isDefault: boolean;
}

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
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return toConnection(row);
}

export interface ConnectionChanges {
  readonly name?: string;
  readonly status?: string;
  readonly sealed?: string;
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly isDefault?: boolean;
  readonly archivedAt?: string;
}

/** Changes the given fields and leaves the others. */
export async function updateConnection(
  db: CoreDb,
  id: string,
  { name, status, sealed, settings, isDefault, archivedAt }: ConnectionChanges,
): Promise<void> {
  await db
    .updateTable("connections")
    .set({
      ...(name === undefined ? {} : { name }),
      ...(status === undefined ? {} : { status }),
      ...(sealed === undefined ? {} : { credential: sealed }),
      ...(settings === undefined ? {} : { settings: JSON.stringify(settings) }),
      ...(isDefault === undefined ? {} : { is_default: isDefault }),
      ...(archivedAt === undefined ? {} : { archived_at: archivedAt }),
    })
    .where("id", "=", id)
    .execute();
}
