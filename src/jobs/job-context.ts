import { assert } from "../errors.ts";
import type { OperationContext } from "../operations/context.ts";
import { isTestClock, type Job } from "../platform/jobs/job-table.ts";
import { getEnvironment } from "../store/environments.ts";
import type { JobDeps } from "./index.ts";

/** The operation context a job runs in: its environment, at its clock's present time. */
export async function toJobContext({ db, services }: JobDeps, job: Job): Promise<OperationContext> {
  const { clock } = job;
  assert(!isTestClock(clock), "the core has no work on test clocks");
  return {
    db,
    environment: await getEnvironment(db, clock),
    now: await services.clock.now(clock),
    actor: "ledgerline",
    services,
  };
}
