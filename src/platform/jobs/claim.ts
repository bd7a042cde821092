import { type Kysely, sql } from "kysely";
import { isOwnerGone, sessionOwner } from "../database/session-owner.ts";
import type { AnyClockName, Job, JobTable, TestClockName } from "./job-table.ts";

export interface Lease {
  readonly token: string;
  readonly seconds: number;
}

interface ClaimedRow {
  id: bigint;
  kind: string;
  key: string | null;
  subject: string | null;
  resource: string | null;
  payload: Record<string, unknown>;
  due_at: string;
  attempts: number;
  max_attempts: number;
}

/**
 * Leases the next due job, or undefined when none can run now. A job waits while an earlier one of
 * its subject is unfinished or any of its subject is running: that keeps a customer's work in order
 * without holding a lock while it runs. So it does while one of its resource runs. Leases and
 * `not_before_at` are on the real clock. Jobs of the kinds in `except` are left to others.
 */
export async function claimJob<Tables>(
  db: Kysely<Tables>,
  table: JobTable,
  clock: AnyClockName,
  nowAt: string,
  lease: Lease,
  except: readonly string[] = [],
): Promise<Job | undefined> {
  const wanted = { clock, nowAt, kind: undefined, except, limit: 1 };
  const [row] = await takeLeases(db, table, wanted, lease);
  if (row === undefined) return undefined;
  const [kept] = await keepUntaken(db, table, clock, [row], lease.token);
  return kept && toJob(kept, clock, nowAt, lease);
}

const toJob = (row: ClaimedRow, clock: AnyClockName, claimedAt: string, lease: Lease): Job => ({
  id: row.id,
  clock,
  kind: row.kind,
  key: row.key,
  subject: row.subject,
  payload: row.payload,
  dueAt: row.due_at,
  attempt: row.attempts,
  maxAttempts: row.max_attempts,
  claimedAt,
  leaseToken: lease.token,
});

/**
 * Leases up to `limit` more due jobs like one that was just claimed: of its kind, of other subjects,
 * under the same lease. They may be of any owner.
 */
export async function claimMore<Tables>(
  db: Kysely<Tables>,
  table: JobTable,
  first: Job,
  lease: Lease,
  limit: number,
): Promise<Job[]> {
  const { clock, kind, claimedAt } = first;
  const wanted = { clock, kind, except: [], nowAt: claimedAt, limit };
  const rows = await takeLeases(db, table, wanted, lease);
  const kept = await keepUntaken(db, table, clock, rows, lease.token);
  return kept.map((row) => toJob(row, clock, claimedAt, lease));
}

/** A test clock that has work which could run now; undefined: none. */
export async function findBusyTestClock<Tables>(
  db: Kysely<Tables>,
  table: JobTable,
): Promise<TestClockName | undefined> {
  const { rows } = await sql<{ name: TestClockName }>`select clock.name from public.clocks clock
    cross join lateral (
      select 1 from ${sql.table(table)} job
      where job.clock = clock.name and job.state = 'ready' and job.due_at <= clock.frozen_at
        and (job.not_before_at is null or job.not_before_at <= clock_timestamp())
        and (job.lease_until is null or job.lease_until < clock_timestamp())
      order by job.due_at, job.id limit 1) due
    where clock.name like 'clock\\_%'
    limit 1`.execute(db);
  return rows[0]?.name;
}

interface Wanted {
  readonly clock: AnyClockName;
  readonly nowAt: string;
  /** undefined: any kind. */
  readonly kind: string | undefined;
  /** None of these kinds. */
  readonly except: readonly string[];
  readonly limit: number;
}

async function takeLeases<Tables>(
  db: Kysely<Tables>,
  table: JobTable,
  { clock, nowAt, kind, except, limit }: Wanted,
  lease: Lease,
): Promise<ClaimedRow[]> {
  const jobs = sql.table(table);
  // A wake that has come due by now is answered by this run; a later one stays.
  const { rows } = await sql<ClaimedRow>`
    update ${jobs} set
      lease_token = ${lease.token}::uuid,
      lease_until = clock_timestamp() + make_interval(secs => ${lease.seconds}),
      lease_owner = ${sessionOwner},
      attempts = attempts + 1,
      wake_at = case when wake_at > ${nowAt}::timestamptz then wake_at end
    where id = any (array(
      select job.id from ${jobs} job
      where job.clock = ${clock} and job.state = 'ready' and job.due_at <= ${nowAt}::timestamptz
        ${kind === undefined ? sql`` : sql`and job.kind = ${kind}`}
        ${except.length === 0 ? sql`` : sql`and job.kind <> all(${except})`}
        and (job.not_before_at is null or job.not_before_at <= clock_timestamp())
        and (job.lease_until is null or job.lease_until < clock_timestamp())
        and (job.subject is null or not exists (
          select 1 from ${jobs} other
          where other.clock = job.clock and other.subject = job.subject and other.state = 'ready'
            and other.id <> job.id
            and ((other.due_at, other.id) < (job.due_at, job.id)
              or other.lease_until >= clock_timestamp())))
        and (job.resource is null or not exists (
          select 1 from ${jobs} other
          where other.clock = job.clock and other.resource = job.resource
            and other.id <> job.id and other.lease_until >= clock_timestamp()))
      order by job.due_at, job.id
      limit ${limit}
      for update skip locked))
    returning id, kind, key, subject, resource, payload, due_at, attempts, max_attempts`.execute(
    db,
  );
  return rows;
}

/**
 * Those of the claimed whose subject and resource nobody else has; the others go back. Two claims that
 * run at the same instant do not see each other. Both committed before they look here, so at least one
 * of them sees the other, and steps back.
 */
async function keepUntaken<Tables>(
  db: Kysely<Tables>,
  table: JobTable,
  clock: AnyClockName,
  rows: readonly ClaimedRow[],
  token: string,
): Promise<ClaimedRow[]> {
  const subjects = rows.flatMap(({ subject }) => subject ?? []);
  const resources = rows.flatMap(({ resource }) => resource ?? []);
  if (subjects.length + resources.length === 0) return [...rows];
  const { rows: others } = await sql<Pick<ClaimedRow, "subject" | "resource">>`
    select subject, resource from ${sql.table(table)}
    where clock = ${clock} and (subject = any(${subjects}) or resource = any(${resources}))
      and state = 'ready' and lease_token <> ${token}::uuid
      and lease_until >= clock_timestamp()`.execute(db);
  const takenSubjects = new Set(others.map(({ subject }) => subject));
  const takenResources = new Set(others.map(({ resource }) => resource));
  const kept: ClaimedRow[] = [];
  for (const row of rows) {
    const isTaken =
      (row.subject !== null && takenSubjects.has(row.subject)) ||
      (row.resource !== null && takenResources.has(row.resource));
    if (isTaken) await returnLease(db, table, row.id, token);
    else kept.push(row);
    // One statement may have claimed several of a resource: the first has it.
    takenResources.add(row.resource);
  }
  return kept;
}

/** Undoes a claim, as if it had never been. */
async function returnLease<Tables>(
  db: Kysely<Tables>,
  table: JobTable,
  id: bigint,
  token: string,
): Promise<void> {
  await sql`update ${sql.table(table)} set lease_token = null, lease_until = null,
    attempts = attempts - 1
    where id = ${id} and lease_token = ${token}::uuid`.execute(db);
}

/** Prolongs a lease while its handler runs. False when it was lost: another worker has the job. */
export async function renewLease<Tables>(
  db: Kysely<Tables>,
  table: JobTable,
  id: bigint,
  lease: Lease,
): Promise<boolean> {
  const { numAffectedRows } = await sql`update ${sql.table(table)} set
    lease_until = clock_timestamp() + make_interval(secs => ${lease.seconds})
    where id = ${id} and lease_token = ${lease.token}::uuid`.execute(db);
  return numAffectedRows === 1n;
}

/**
 * Holds a job until the transaction ends. False when another worker has it by now, or has done it: what
 * the caller found out about it is then out of date.
 */
export async function holdJob<Tables>(
  tx: Kysely<Tables>,
  table: JobTable,
  { id, leaseToken }: Pick<Job, "id" | "leaseToken">,
): Promise<boolean> {
  const { rows } = await sql`select 1 from ${sql.table(table)}
    where id = ${id} and lease_token = ${leaseToken}::uuid for update`.execute(tx);
  return rows.length > 0;
}

/**
 * Takes back the leases of processes that are gone, so that their jobs run at once instead of when
 * the leases run out. Safe at any time and from any process: a lease that was taken back wrongly
 * costs a second run, and the first one's result is fenced off by its token.
 */
export async function releaseDeadLeases<Tables>(
  db: Kysely<Tables>,
  table: JobTable,
): Promise<void> {
  await sql`update ${sql.table(table)} set lease_until = clock_timestamp() - interval '1 second'
    where lease_token is not null and lease_until >= clock_timestamp()
      and ${isOwnerGone("lease_owner")}`.execute(db);
}

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
