import { type Kysely, sql } from "kysely";
import { sessionOwner } from "../database/session-owner.ts";
import type { AnyClockName, Job, JobTable, TestClockName } from "./job-table.ts";
import type { Lease } from "./lease.ts";

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

/**
 * Test clocks that have due work, by name, those after `after` first, so many at most. Whether the work can
 * run only a claim tells: it may wait for other work of its subject.
 */
export async function listBusyTestClocks<Tables>(
  db: Kysely<Tables>,
  table: JobTable,
  after: string,
  limit: number,
): Promise<TestClockName[]> {
  const { rows } = await sql<{ name: TestClockName }>`select clock.name from public.clocks clock
    where clock.name like 'clock\\_%' and exists (
      select 1 from ${sql.table(table)} job
      where job.clock = clock.name and job.state = 'ready' and job.due_at <= clock.frozen_at
        and (job.not_before_at is null or job.not_before_at <= clock_timestamp())
        and (job.lease_until is null or job.lease_until < clock_timestamp()))
    order by clock.name <= ${after}, clock.name
    limit ${limit}`.execute(db);
  return rows.map(({ name }) => name);
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
