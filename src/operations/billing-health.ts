import type { CoreDb } from "../db/database.ts";
import { instantText, Temporal } from "../domain/time.ts";
import type { Clock } from "../platform/clock/clock.ts";
import type { ClockName } from "../platform/jobs/job-table.ts";
import { countOverdueJobs, listDeadJobs } from "../store/jobs.ts";

/** Work that is due for longer than this is overdue. */
const PATIENCE = Temporal.Duration.from({ minutes: 15 });
const CLOCKS: readonly ClockName[] = ["PRODUCTION", "SANDBOX"];

/** Why billing work is not done in time, in words for an operator; empty when it is. */
export async function billingHealth(db: CoreDb, clock: Clock): Promise<string[]> {
  const reasons: string[] = [];
  for (const name of CLOCKS) {
    const before = (await clock.now(name)).subtract(PATIENCE);
    const overdue = await countOverdueJobs(db, name, instantText(before));
    if (overdue > 0n) reasons.push(`${name}: ${overdue} jobs are overdue by more than 15 minutes`);
  }
  for (const job of await listDeadJobs(db)) {
    reasons.push(
      `${job.clock}: ${job.kind} ${job.key ?? job.id} stopped after ${job.attempts} attempts: ${job.lastError}`,
    );
  }
  return reasons;
}
