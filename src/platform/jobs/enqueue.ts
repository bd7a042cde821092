import { type Kysely, sql } from "kysely";
import type { JobTable, NewJob } from "./job-table.ts";

const DEFAULT_MAX_ATTEMPTS = 12;

/**
 * Adds a job in the caller's transaction, so that the work and the decision to do it commit
 * together. A second job with the same key is not added; the first takes the new payload and
 * - waiting: is brought forward to the earlier of both due times,
 * - running: runs once more when it has finished, at the new due time,
 * - dead: is revived for the new due time, with all its attempts.
 */
export async function enqueueJob<Tables>(
  db: Kysely<Tables>,
  table: JobTable,
  job: NewJob,
): Promise<void> {
  const jobs = sql.table(table);
  const running = sql`job.lease_token is not null`;
  await sql`
    insert into ${jobs} as job (clock, kind, key, subject, payload, due_at, max_attempts)
    values (${job.clock}, ${job.kind}, ${job.key ?? null}, ${job.subject ?? null},
      ${JSON.stringify(job.payload)}::jsonb, ${job.dueAt}::timestamptz,
      ${job.maxAttempts ?? DEFAULT_MAX_ATTEMPTS})
    on conflict (clock, kind, key) where key is not null do update set
      payload = excluded.payload,
      wake_at = case when ${running} then least(job.wake_at, excluded.due_at) end,
      due_at = case when ${running} then job.due_at
        when job.state = 'dead' then excluded.due_at
        else least(job.due_at, excluded.due_at) end,
      not_before_at = case when job.state = 'dead' then null else job.not_before_at end,
      attempts = case when job.state = 'dead' then 0 else job.attempts end,
      state = 'ready'`.execute(db);
}
