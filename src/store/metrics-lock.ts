import { type RawBuilder, sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";

const lockKey = (environmentId: string): RawBuilder<bigint> =>
  sql`hashtextextended(${`usage-metrics:${environmentId}`}, 0)`;

/**
 * Held by ingest until it commits: while it is held no metric can come into being. Many may hold
 * it. Take it in a statement of its own, so that the next one sees what was committed before.
 */
export async function lockMetricsShared(tx: CoreTransaction, environmentId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(${lockKey(environmentId)})`.execute(tx);
}

/**
 * Held while a metric is created and reads the stored events: ingest waits, so that each event is
 * counted either by the backfill or by ingest, never by both and never by neither.
 */
export async function lockMetrics(tx: CoreTransaction, environmentId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(${lockKey(environmentId)})`.execute(tx);
}

/** Tells every process that its list of metrics is old. To be called under lockMetrics. */
export async function updateMetricsVersion(
  tx: CoreTransaction,
  environmentId: string,
): Promise<void> {
  await sql`update usage_metric_versions set version = version + 1
    where environment_id = ${environmentId}`.execute(tx);
}

/** The version to remember with a list of metrics that is read afterwards. */
export async function getMetricsVersion(db: CoreDb, environmentId: string): Promise<bigint> {
  const row = await db
    .selectFrom("usage_metric_versions")
    .where("environment_id", "=", environmentId)
    .select("version")
    .executeTakeFirstOrThrow();
  return row.version;
}
