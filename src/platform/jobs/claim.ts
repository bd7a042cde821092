import { type Kysely, sql } from "kysely";
import type { ClockName, Job, JobTable } from "./job-table.ts";

export interface Lease {
  readonly token: string;
  readonly seconds: number;
}

interface ClaimedRow {
  id: bigint;
  kind: string;
  key: string | null;
  subject: string | null;
  payload: Record<string, unknown>;
  due_at: string;
  attempts: number;
  max_attempts: number;
}

/**
 * Leases the next due job, or undefined when none can run now. A job waits while an earlier one of
 * its subject is unfinished or any of its subject is running: that keeps a customer's work in order
 * without holding a lock while it runs. Leases and `not_before_at` are on the real clock.
 */
export async function claimJob<Tables>(
  db: Kysely<Tables>,
  table: JobTable,
  clock: ClockName,
  nowAt: string,
  lease: Lease,
): Promise<Job | undefined> {
  const jobs = sql.table(table);
  const { rows } = await sql<ClaimedRow>`
    update ${jobs} set
      lease_token = ${lease.token}::uuid,
      lease_until = clock_timestamp() + make_interval(secs => ${lease.seconds}::int),
      attempts = attempts + 1,
      claimed_wakeups = wakeups
    where id = (
      select job.id from ${jobs} job
      where job.clock = ${clock} and job.state = 'ready' and job.due_at <= ${nowAt}::timestamptz
        and (job.not_before_at is null or job.not_before_at <= clock_timestamp())
        and (job.lease_until is null or job.lease_until < clock_timestamp())
        and (job.subject is null or not exists (
          select 1 from ${jobs} other
          where other.clock = job.clock and other.subject = job.subject and other.state = 'ready'
            and other.id <> job.id
            and ((other.due_at, other.id) < (job.due_at, job.id)
              or other.lease_until >= clock_timestamp())))
      order by job.due_at, job.id
      limit 1
      for update skip locked)
    returning id, kind, key, subject, payload, due_at, attempts, max_attempts`.execute(db);
  const row = rows[0];
  if (row === undefined) return undefined;
  return {
    id: row.id,
    clock,
    kind: row.kind,
    key: row.key,
    subject: row.subject,
    payload: row.payload,
    dueAt: row.due_at,
    attempt: row.attempts,
    maxAttempts: row.max_attempts,
  };
}

/** Removes a finished job; one that was woken while it ran goes back to ready instead. */
export async function finishJob<Tables>(
  db: Kysely<Tables>,
  table: JobTable,
  id: bigint,
  token: string,
): Promise<void> {
  const jobs = sql.table(table);
  await sql`
    with woken as (
      update ${jobs} set lease_token = null, lease_until = null, attempts = 0
      where id = ${id} and lease_token = ${token}::uuid and wakeups > claimed_wakeups
      returning id)
    delete from ${jobs}
    where id = ${id} and lease_token = ${token}::uuid and wakeups = claimed_wakeups`.execute(db);
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

/** Gives a job back, to run again later. */
export async function postponeJob<Tables>(
  db: Kysely<Tables>,
  table: JobTable,
  id: bigint,
  token: string,
  { dueAt, notBeforeAt, error, keepAttempts }: Postponement,
): Promise<void> {
  await sql`
    update ${sql.table(table)} set lease_token = null, lease_until = null,
      due_at = ${dueAt}::timestamptz, not_before_at = ${notBeforeAt ?? null}::timestamptz,
      attempts = ${keepAttempts ? sql`0` : sql`attempts`},
      last_error = coalesce(${error ?? null}, last_error)
    where id = ${id} and lease_token = ${token}::uuid`.execute(db);
}

/** Stops trying: the job stays visible with its last error until a person acts. */
export async function buryJob<Tables>(
  db: Kysely<Tables>,
  table: JobTable,
  id: bigint,
  token: string,
  error: string,
): Promise<void> {
  await sql`
    update ${sql.table(table)} set lease_token = null, lease_until = null,
      state = 'dead', last_error = ${error}
    where id = ${id} and lease_token = ${token}::uuid`.execute(db);
}
