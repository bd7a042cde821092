import { type Kysely, sql } from "kysely";
import type { JobTable } from "./job-table.ts";

/** Removes a finished job; one that was woken while it ran waits for its new due time instead. */
export async function finishJob<Tables>(
  db: Kysely<Tables>,
  table: JobTable,
  id: bigint,
  token: string,
): Promise<void> {
  const jobs = sql.table(table);
  const { numAffectedRows } = await sql`delete from ${jobs}
    where id = ${id} and lease_token = ${token}::uuid and wake_at is null`.execute(db);
  if (numAffectedRows === 1n) return;
  await sql`update ${jobs} set lease_token = null, lease_until = null, attempts = 0,
    due_at = coalesce(wake_at, due_at), wake_at = null, not_before_at = null
    where id = ${id} and lease_token = ${token}::uuid`.execute(db);
}

/** Removes finished jobs of one lease; those that were woken while they ran wait for their new due times. */
export async function finishJobs<Tables>(
  db: Kysely<Tables>,
  table: JobTable,
  ids: readonly bigint[],
  token: string,
): Promise<void> {
  const { rows } = await sql<{ id: bigint }>`delete from ${sql.table(table)}
    where id = any(${ids}) and lease_token = ${token}::uuid and wake_at is null
    returning id`.execute(db);
  const gone = new Set(rows.map(({ id }) => id));
  for (const id of ids) if (!gone.has(id)) await finishJob(db, table, id, token);
}

export interface Postponement {
  /** On the environment's clock. */
  readonly dueAt: string;
  /** On the real clock: a provider's Retry-After. */
  readonly notBeforeAt?: string;
  readonly error?: string;
  /** True when this run should not count as a failed attempt. */
  readonly keepAttempts?: boolean;
}

/**
 * Gives a job back, to run again later. A wake that came meanwhile brings a postponed job forward,
 * but does not shorten the wait after a failure; one for a later time is kept beside it.
 */
export async function postponeJob<Tables>(
  db: Kysely<Tables>,
  table: JobTable,
  id: bigint,
  token: string,
  { dueAt, notBeforeAt, error, keepAttempts }: Postponement,
): Promise<void> {
  const due = sql`${dueAt}::timestamptz`;
  await sql`
    update ${sql.table(table)} set lease_token = null, lease_until = null,
      due_at = ${keepAttempts ? sql`least(${due}, wake_at)` : due}, not_before_at = ${notBeforeAt ?? null}::timestamptz,
      wake_at = case when wake_at > ${due} then wake_at end,
      attempts = ${keepAttempts ? sql`0` : sql`attempts`},
      last_error = coalesce(${error ?? null}, last_error)
    where id = ${id} and lease_token = ${token}::uuid`.execute(db);
}

/**
 * Stops trying: the job stays visible with its last error until a person acts. One that was woken
 * while it ran gets all its attempts again.
 */
export async function buryJob<Tables>(
  db: Kysely<Tables>,
  table: JobTable,
  id: bigint,
  token: string,
  error: string,
): Promise<void> {
  await sql`
    update ${sql.table(table)} set lease_token = null, lease_until = null, last_error = ${error},
      state = case when wake_at is null then 'dead' else 'ready' end,
      attempts = case when wake_at is null then attempts else 0 end,
      due_at = coalesce(wake_at, due_at), wake_at = null
    where id = ${id} and lease_token = ${token}::uuid`.execute(db);
}
