import { sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import { notFound } from "../errors.ts";
import { type Connection, fromConnectionRow } from "./connection.ts";

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
  return row === undefined ? undefined : fromConnectionRow(row);
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
  return row === undefined ? undefined : fromConnectionRow(row);
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
  return row === undefined ? undefined : fromConnectionRow(row);
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
  return (await query.orderBy("position").execute()).map(fromConnectionRow);
}

/** The connections at a provider that a person's consent lets into now, in both environments. */
export async function listConsentedConnections(
  db: CoreDb,
  provider: string,
): Promise<Connection[]> {
  const rows = await db
    .selectFrom("connections")
    .selectAll()
    .where("provider", "=", provider)
    .where("archived_at", "is", null)
    .where("renewed_at", "is not", null)
    .where("status", "<>", "reauth_required")
    .execute();
  return rows.map(fromConnectionRow);
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
  return rows.map(fromConnectionRow);
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
