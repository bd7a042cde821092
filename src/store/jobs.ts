import { sql } from "kysely";
import type { CoreDb } from "../db/database.ts";
import type { ClockName } from "../platform/jobs/job-table.ts";

export interface DeadJob {
  readonly id: bigint;
  readonly clock: ClockName;
  readonly kind: string;
  readonly key: string | null;
  readonly attempts: number;
  readonly lastError: string | null;
}

const MOST = 100;

/** Jobs of the core that were given up, newest first, a hundred at most. */
export async function listDeadJobs(db: CoreDb): Promise<DeadJob[]> {
  const { rows } = await sql<DeadJob>`select id, clock, kind, key, attempts, last_error as "lastError"
    from core_jobs where state = 'dead' order by id desc limit ${MOST}`.execute(db);
  return rows;
}

/** How many jobs of the core should have run before `beforeAt` and have not. */
export async function countOverdueJobs(
  db: CoreDb,
  clock: ClockName,
  beforeAt: string,
): Promise<bigint> {
  const { rows } = await sql<{ count: bigint }>`select count(*) from core_jobs
    where clock = ${clock} and state = 'ready' and due_at < ${beforeAt}::timestamptz`.execute(db);
  return rows[0]?.count ?? 0n;
}
