import { type SqlBool, sql } from "kysely";
import type { CoreDb } from "../db/database.ts";
import type { AuditStatus } from "../db/tables/audit-logs.ts";
import { AppError } from "../errors.ts";
import { inTransaction, sqlState } from "../platform/database/database.ts";

export interface NewAuditLog {
  readonly environmentId: string;
  /** By the environment's clock. */
  readonly occurredAt: string;
  readonly actor: { readonly id: string; readonly name: string };
  readonly request: {
    readonly id: string;
    readonly ip: string | null;
    readonly userAgent: string | null;
  };
  readonly action: string;
  readonly resourceType: string;
  readonly resourceId: string | null;
  readonly status: AuditStatus;
  readonly description: string;
  /** JSON text, without secrets; null: there is none. */
  readonly change: string | null;
  readonly before: string | null;
  readonly after: string | null;
}

export interface AuditLog extends NewAuditLog {
  readonly id: string;
  /** By the machine's clock. */
  readonly recordedAt: string;
  readonly position: bigint;
}

/** Taken shared by who writes, until the commit; alone, for a moment, by who reads. */
const turnOf = (environmentId: string) =>
  sql`hashtextextended(${`audit_logs:${environmentId}`}, 0)`;

/**
 * Adds a row. It draws its position while it holds the log's lock, so that `settledPosition` can wait
 * for it: positions are drawn in one order and committed in another.
 */
export async function insertAuditLog(db: CoreDb, log: NewAuditLog): Promise<void> {
  await sql`with turn as materialized
      (select pg_advisory_xact_lock_shared(${turnOf(log.environmentId)}))
    insert into audit_logs (environment_id, occurred_at, actor_id, actor_name, request_id, ip,
      user_agent, action, resource_type, resource_id, status, description, change, before, after)
    select ${log.environmentId}::uuid, ${log.occurredAt}::timestamptz, ${log.actor.id}::text,
      ${log.actor.name}::text, ${log.request.id}::text, ${log.request.ip}::text,
      ${log.request.userAgent}::text, ${log.action}::text, ${log.resourceType}::text,
      ${log.resourceId}::text, ${log.status}::text, ${log.description}::text,
      ${log.change}::json, ${log.before}::json, ${log.after}::json
    from turn`.execute(db);
}

const LOCK_NOT_AVAILABLE = "55P03";

/**
 * The position up to which the log is complete: no row at or before it appears later. Waits for the
 * writes that are about to commit. Throws AppError (unavailable) when one of them does not end.
 */
export async function settledPosition(db: CoreDb, environmentId: string): Promise<bigint> {
  try {
    return await inTransaction(db, async (tx) => {
      await sql`select set_config('lock_timeout', '2s', true)`.execute(tx);
      await sql`select pg_advisory_xact_lock(${turnOf(environmentId)})`.execute(tx);
      const row = await tx
        .selectFrom("audit_logs")
        .where("environment_id", "=", environmentId)
        .select(({ fn }) => fn.max("position").as("last"))
        .executeTakeFirst();
      return row?.last ?? 0n;
    });
  } catch (error) {
    if (sqlState(error) !== LOCK_NOT_AVAILABLE) throw error;
    throw new AppError("unavailable", "audit_log_busy", "A write is not over yet; ask again.");
  }
}

export interface AuditLogFilter {
  readonly environmentId: string;
  readonly resource: { readonly type: string; readonly id: string } | undefined;
  readonly startingOn: string | undefined;
  readonly endingBefore: string | undefined;
  readonly newestFirst: boolean;
  /** Position to go on after, in the order of the list. */
  readonly after: bigint | undefined;
  /** As settledPosition says. */
  readonly until: bigint;
  readonly limit: number;
}

/** Rows in order of their recording, one more than `limit`. */
export async function listAuditLogs(db: CoreDb, filter: AuditLogFilter): Promise<AuditLog[]> {
  const { resource, startingOn, endingBefore, newestFirst, after } = filter;
  let query = db
    .selectFrom("audit_logs")
    .select([
      "id",
      "environment_id",
      "occurred_at",
      "recorded_at",
      "actor_id",
      "actor_name",
      "request_id",
      "ip",
      "user_agent",
      "action",
      "resource_type",
      "resource_id",
      "status",
      "description",
      "position",
      sql<string | null>`change::text`.as("change"),
      sql<string | null>`before::text`.as("before"),
      sql<string | null>`after::text`.as("after"),
    ])
    .where("environment_id", "=", filter.environmentId)
    .where(sql<SqlBool>`position <= ${filter.until}`)
    .orderBy("position", newestFirst ? "desc" : "asc")
    .limit(filter.limit + 1);
  if (resource !== undefined) {
    query = query.where("resource_type", "=", resource.type).where("resource_id", "=", resource.id);
  }
  if (startingOn !== undefined) query = query.where("occurred_at", ">=", startingOn);
  if (endingBefore !== undefined) query = query.where("occurred_at", "<", endingBefore);
  if (after !== undefined) query = query.where("position", newestFirst ? "<" : ">", after as never);
  return (await query.execute()).map((row) => ({
    id: row.id,
    environmentId: row.environment_id,
    occurredAt: row.occurred_at,
    recordedAt: row.recorded_at,
    actor: { id: row.actor_id, name: row.actor_name },
    request: { id: row.request_id, ip: row.ip, userAgent: row.user_agent },
    action: row.action,
    resourceType: row.resource_type,
    resourceId: row.resource_id,
    status: row.status,
    description: row.description,
    change: row.change,
    before: row.before,
    after: row.after,
    position: row.position,
  }));
}

/** Lets writes of one object take turns until the transaction ends. */
export async function lockAuditedResource(
  db: CoreDb,
  resourceType: string,
  id: string,
): Promise<void> {
  await sql`select pg_advisory_xact_lock(
    hashtextextended(${`audited:${resourceType}:${id}`}, 0))`.execute(db);
}
