import { type Kysely, sql } from "kysely";
import type { ClockName, JobTable } from "./job-table.ts";

/** A job that waits for a person, or that should have run by now. */
export interface TroubledJob {
  readonly id: bigint;
  readonly clock: ClockName;
  readonly kind: string;
  readonly key: string | null;
  readonly subject: string | null;
  readonly dueAt: string;
  readonly attempts: number;
  readonly lastError: string | null;
}

const MOST = 100;
const columns = sql.raw(
  `id, clock, kind, key, subject, due_at as "dueAt", attempts, last_error as "lastError"`,
);

/** Jobs that were given up, newest first, a hundred at most. */
export async function listDeadJobs<Tables>(
  db: Kysely<Tables>,
  table: JobTable,
): Promise<TroubledJob[]> {
  const { rows } = await sql<TroubledJob>`select ${columns} from ${sql.table(table)}
    where state = 'dead' order by id desc limit ${MOST}`.execute(db);
  return rows;
}

/**
 * Jobs that were due before `beforeAt` on their clock and are neither running nor waiting for a
 * time that a provider named, the longest overdue first, a hundred at most.
 */
export async function listOverdueJobs<Tables>(
  db: Kysely<Tables>,
  table: JobTable,
  clock: ClockName,
  beforeAt: string,
): Promise<TroubledJob[]> {
  const { rows } = await sql<TroubledJob>`select ${columns} from ${sql.table(table)}
    where clock = ${clock} and state = 'ready' and due_at < ${beforeAt}::timestamptz
      and (lease_until is null or lease_until < clock_timestamp())
      and (not_before_at is null or not_before_at <= clock_timestamp())
    order by due_at, id limit ${MOST}`.execute(db);
  return rows;
}

/** Gives a dead job all its attempts again. False when there is no such dead job. */
export async function reviveJob<Tables>(
  db: Kysely<Tables>,
  table: JobTable,
  id: bigint,
): Promise<boolean> {
  const { numAffectedRows } = await sql`update ${sql.table(table)}
    set state = 'ready', attempts = 0, not_before_at = null
    where id = ${id} and state = 'dead'`.execute(db);
  return numAffectedRows === 1n;
}

/** Gives the dead jobs of a kind whose payload has these fields all their attempts again. */
export async function reviveJobs<Tables>(
  db: Kysely<Tables>,
  table: JobTable,
  kind: string,
  payload: Readonly<Record<string, unknown>>,
): Promise<void> {
  await sql`update ${sql.table(table)} set state = 'ready', attempts = 0, not_before_at = null
    where kind = ${kind} and state = 'dead' and payload @> ${JSON.stringify(payload)}::jsonb`.execute(
    db,
  );
}
