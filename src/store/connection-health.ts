import { sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { ClockName } from "../platform/jobs/job-table.ts";

/**
 * The account shuts us out, for this reason. Answers the connection when it had not failed already,
 * else undefined.
 */
export async function failConnection(
  tx: CoreTransaction,
  id: string,
  reason: string,
): Promise<{ readonly provider: string; readonly name: string } | undefined> {
  const failed = await tx
    .updateTable("connections")
    .set({ status: "failed", status_reason: reason })
    .where("id", "=", id)
    // A person has to consent, and that says more.
    .where("status", "not in", ["failed", "authorization_required", "reauth_required"])
    .returning(["provider", "name"])
    .executeTakeFirst();
  if (failed !== undefined) return failed;
  await tx
    .updateTable("connections")
    .set({ status_reason: reason })
    .where("id", "=", id)
    .where("status", "=", "failed")
    .where("status_reason", "is distinct from", reason)
    .execute();
  return undefined;
}

/** The account works: a connection that had failed is connected again. */
export async function clearConnectionFailure(db: CoreDb, id: string): Promise<void> {
  await db
    .updateTable("connections")
    .set({ status: "connected", status_reason: null })
    .where("id", "=", id)
    .where("status", "=", "failed")
    .execute();
}

export interface FailedConnection {
  readonly provider: string;
  readonly name: string;
  readonly environment: ClockName;
  readonly reason: string | null;
}

const MOST = 20;

/** Connections of either environment that do not work, oldest first, twenty at most. */
export async function listFailedConnections(db: CoreDb): Promise<FailedConnection[]> {
  return db
    .selectFrom("connections")
    .innerJoin("environments", "environments.id", "connections.environment_id")
    .select([
      "connections.provider",
      "connections.name",
      "environments.name as environment",
      "connections.status_reason as reason",
    ])
    .where("connections.status", "in", ["failed", "reauth_required"])
    .where("connections.archived_at", "is", null)
    .orderBy("connections.position")
    .limit(MOST)
    .execute();
}

export interface EndingConsent {
  readonly provider: string;
  readonly name: string;
  readonly environment: ClockName;
  readonly idleAt: string | null;
  readonly hardAt: string | null;
}

/** Consents of either environment that end within so many days of real time, twenty at most. */
export async function listEndingConsents(db: CoreDb, days: number): Promise<EndingConsent[]> {
  const { rows } = await sql<EndingConsent>`select connection.provider, connection.name,
      environment.name as environment, connection.consent_idle_at as "idleAt",
      connection.consent_hard_at as "hardAt"
    from connections connection join environments environment on environment.id = connection.environment_id
    where connection.archived_at is null and connection.status <> 'reauth_required'
      and least(connection.consent_idle_at, connection.consent_hard_at)
        <= clock_timestamp() + ${days} * interval '1 day'
    order by connection.position limit ${MOST}`.execute(db);
  return rows;
}

export interface LastEvent {
  readonly connectionId: string;
  readonly type: string;
  readonly receivedAt: string;
}

/** The event that came in last over each of these connections, where there is one. */
export async function listLastEvents(
  db: CoreDb,
  connectionIds: readonly string[],
): Promise<ReadonlyMap<string, LastEvent>> {
  const { rows } = await sql<LastEvent>`select connection.id as "connectionId", event.type,
      event.received_at as "receivedAt"
    from unnest(${[...connectionIds]}::uuid[]) as connection (id)
    cross join lateral (
      select type, received_at from provider_events
      where connection_id = connection.id order by received_at desc limit 1) event`.execute(db);
  return new Map(rows.map((row) => [row.connectionId, row]));
}
