import { sql } from "kysely";
import type { CoreDb } from "../../db/database.ts";

export interface ChangeHorizon {
  /** Names the database cluster: transactions of another one have other numbers. */
  readonly cluster: string;
  /** Every transaction before this one has ended: what it changed is to be seen, now and for ever. */
  readonly end: string;
}

/** Tables by change, and whether the index by change begins with the environment. */
const FOLLOWED_TABLES = [
  ["customers", true],
  ["billable_metrics", true],
  ["pricing_units", true],
  ["alerts", true],
  ["invoices", true],
  ["integration_runs", true],
  ["usage_events", false],
  ["usage_events_too_old", false],
] as const;

/**
 * Up to where changes can be read without one being missed. A transaction that runs has a number below
 * those of others that committed already, so reading ends before the oldest that runs (PostgreSQL
 * documentation, "Transaction ID and Snapshot Information Functions").
 */
export async function readChangeHorizon(db: CoreDb): Promise<ChangeHorizon> {
  const { rows } = await sql<ChangeHorizon>`select
    (select system_identifier from pg_control_system())::text as cluster,
    pg_snapshot_xmin(pg_current_snapshot())::text as end`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error("The database did not say what runs in it");
  return row;
}

/**
 * Since when a transaction is open that has written something, on the whole server, or now: what was
 * committed before that is before a horizon that is read afterwards. null: the server does not say it of
 * another user's transaction (pg_read_all_stats).
 */
export async function readOpenSince(db: CoreDb): Promise<string | null> {
  const { rows } = await sql<{ since: string | null }>`select
      case when bool_or(since is null) then null else least(statement_timestamp(), min(since)) end as since
    from (select xact_start as since from pg_stat_activity where backend_xid is not null
      union all select prepared from pg_prepared_xacts) open`.execute(db);
  return rows[0]?.since ?? null;
}

/**
 * Marks rows as changed now that carry numbers which this cluster has not reached: they came out of a
 * dump of another one. The indexes by change find that there are none.
 */
export async function adoptForeignChanges(db: CoreDb): Promise<void> {
  for (const [table, isByEnvironment] of FOLLOWED_TABLES) {
    const known = sql`environment_id in (select id from environments) and`;
    await sql`update ${sql.table(table)} set changed_by = pg_current_xact_id()
      where ${isByEnvironment ? known : sql``} changed_by >= pg_snapshot_xmax(pg_current_snapshot())`.execute(
      db,
    );
  }
}
