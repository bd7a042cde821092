import type { CoreDb } from "../db/database.ts";
import { instantText, Temporal } from "../domain/time.ts";
import type { Clock } from "../platform/clock/clock.ts";
import { listDeadJobs, listOverdueJobs } from "../platform/jobs/dead-jobs.ts";
import type { ClockName, JobTable } from "../platform/jobs/job-table.ts";
import { listAwaitedWriteBacks } from "../store/awaited-write-backs.ts";
import { getEnvironment } from "../store/environments.ts";

/** Work that is due for longer than this is overdue. */
const PATIENCE = Temporal.Duration.from({ minutes: 15 });
const CLOCKS: readonly ClockName[] = ["PRODUCTION", "SANDBOX"];
const TABLES: readonly JobTable[] = ["core_jobs", "collect.jobs"];

async function overdueReasons(
  db: CoreDb,
  table: JobTable,
  name: ClockName,
  before: string,
): Promise<string[]> {
  const jobs = await listOverdueJobs(db, table, name, before);
  const [first] = jobs;
  if (first === undefined) return [];
  return [
    `${name}: ${jobs.length} jobs are overdue by more than 15 minutes, first ${first.kind} due ${first.dueAt}${first.lastError === null ? "" : ` (${first.lastError})`}`,
  ];
}

/** Invoices that a system which fetches them has not written back of in time. */
async function unwrittenReasons(db: CoreDb, name: ClockName, now: string): Promise<string[]> {
  const { id } = await getEnvironment(db, name);
  const runs = await listAwaitedWriteBacks(db, id, now);
  const [first] = runs;
  if (first === undefined) return [];
  return [
    `${name}: ${runs.length} invoices were not written back in time, first ${first.invoiceId} due ${first.dueAt} (run ${first.runId})`,
  ];
}

/** Why billing work is not done in time, in words for an operator; empty when it is. */
export async function billingHealth(db: CoreDb, clock: Clock): Promise<string[]> {
  const reasons: string[] = [];
  for (const name of CLOCKS) {
    reasons.push(...(await unwrittenReasons(db, name, instantText(await clock.now(name)))));
  }
  for (const table of TABLES) {
    for (const name of CLOCKS) {
      const before = instantText((await clock.now(name)).subtract(PATIENCE));
      reasons.push(...(await overdueReasons(db, table, name, before)));
    }
    for (const job of await listDeadJobs(db, table)) {
      reasons.push(
        `${job.clock}: ${job.kind} ${job.key ?? job.id} stopped after ${job.attempts} attempts: ${job.lastError}`,
      );
    }
  }
  return reasons;
}
