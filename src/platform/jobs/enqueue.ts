import { type Kysely, sql } from "kysely";
import type { JobTable, NewJob } from "./job-table.ts";

const DEFAULT_MAX_ATTEMPTS = 12;

/**
 * Adds a job in the caller's transaction, so that the work and the decision to do it commit
 * together. A second job with the same key is not added: the first is brought forward to the
 * earlier due time, revived if it was dead, and runs once more if it is running just now.
 */
export async function enqueueJob<Tables>(
  db: Kysely<Tables>,
  table: JobTable,
  job: NewJob,
): Promise<void> {
  const jobs = sql.table(table);
  await sql`
    insert into ${jobs} as job (clock, kind, key, subject, payload, due_at, max_attempts)
    values (${job.clock}, ${job.kind}, ${job.key ?? null}, ${job.subject ?? null},
      ${JSON.stringify(job.payload)}::jsonb, ${job.dueAt}::timestamptz,
      ${job.maxAttempts ?? DEFAULT_MAX_ATTEMPTS})
    on conflict (clock, kind, key) where key is not null do update set
      due_at = least(job.due_at, excluded.due_at),
      payload = excluded.payload,
      wakeups = job.wakeups + 1,
      attempts = case when job.state = 'dead' then 0 else job.attempts end,
      state = 'ready'`.execute(db);
}
