import type { OperationContext } from "../operations/context.ts";
import type { Job } from "../platform/jobs/job-table.ts";
import { getEnvironment } from "../store/environments.ts";
import type { JobDeps } from "./index.ts";

/** The operation context a job runs in: its environment, at its clock's present time. */
export async function toJobContext({ db, services }: JobDeps, job: Job): Promise<OperationContext> {
  return {
    db,
    environment: await getEnvironment(db, job.clock),
    now: await services.clock.now(job.clock),
    actor: "ledgerline",
    services,
  };
}
