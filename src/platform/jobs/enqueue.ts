import { type Kysely, type RawBuilder, sql } from "kysely";
import { instant, isBefore } from "../../domain/time.ts";
import type { JobTable, NewJob } from "./job-table.ts";

const DEFAULT_MAX_ATTEMPTS = 12;

/** A key that comes twice: the later payload, the earlier time. */
function mergeSame(jobs: readonly NewJob[]): NewJob[] {
  const merged = new Map<unknown, NewJob>();
  for (const job of jobs) {
    const id = job.key === undefined ? job : `${job.clock} ${job.kind} ${job.key}`;
    const before = merged.get(id);
    const isEarlier = before !== undefined && isBefore(instant(before.dueAt), instant(job.dueAt));
    merged.set(id, isEarlier ? { ...job, dueAt: before.dueAt } : job);
  }
  return [...merged.values()];
}

/**
 * Adds jobs in the caller's transaction, so that the work and the decision to do it commit
 * together. A second job with the same key is not added; the first takes the new payload and resource, and
 * - waiting: is brought forward to the earlier of both due times,
 * - running: runs once more when it has finished, at the new due time,
 * - dead: is revived for the new due time, with all its attempts.
 * With `given`, a statement that writes and returns keys: it is carried out as well, and only jobs
 * whose keys it returns are added.
 */
export async function enqueueJobs<Tables>(
  db: Kysely<Tables>,
  table: JobTable,
  all: readonly NewJob[],
  given?: RawBuilder<unknown>,
): Promise<void> {
  if (all.length === 0) return;
  const added = mergeSame(all);
  const of = <Value>(value: (job: NewJob) => Value): Value[] => added.map(value);
  const jobs = sql.table(table);
  const running = sql`job.lease_token is not null`;
  await sql`${given === undefined ? sql`` : sql`with given as (${given})`}
    insert into ${jobs} as job
      (clock, kind, key, subject, resource, payload, due_at, max_attempts)
    select clock, kind, key, subject, resource, payload::jsonb, due_at, max_attempts
    from unnest(${of(({ clock }) => clock)}::text[], ${of(({ kind }) => kind)}::text[],
      ${of(({ key }) => key ?? null)}::text[], ${of(({ subject }) => subject ?? null)}::text[],
      ${of(({ resource }) => resource ?? null)}::text[],
      ${of(({ payload }) => JSON.stringify(payload))}::text[],
      ${of(({ dueAt }) => dueAt)}::timestamptz[],
      ${of(({ maxAttempts }) => maxAttempts ?? DEFAULT_MAX_ATTEMPTS)}::int[])
      with ordinality
      as added (clock, kind, key, subject, resource, payload, due_at, max_attempts, position)
    ${given === undefined ? sql`` : sql`where key in (select given.key from given)`}
    order by position
    on conflict (clock, kind, key) where key is not null do update set
      payload = excluded.payload,
      resource = excluded.resource,
      wake_at = case when ${running} then least(job.wake_at, excluded.due_at) end,
      due_at = case when ${running} then job.due_at
        when job.state = 'dead' then excluded.due_at
        else least(job.due_at, excluded.due_at) end,
      not_before_at = case when job.state = 'dead' then null else job.not_before_at end,
      attempts = case when job.state = 'dead' then 0 else job.attempts end,
      state = 'ready'`.execute(db);
}

/** Adds one job, as enqueueJobs. */
export const enqueueJob = <Tables>(
  db: Kysely<Tables>,
  table: JobTable,
  job: NewJob,
): Promise<void> => enqueueJobs(db, table, [job]);
