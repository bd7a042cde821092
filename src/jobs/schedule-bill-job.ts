import { scheduleBillJob } from "../operations/schedule-bill-jobs.ts";
import type { JobHandler } from "../platform/jobs/job-handler.ts";
import type { JobDeps } from "./index.ts";
import { toJobContext } from "./job-context.ts";

/** Calculates all drafts at the organization's interval. */
export const scheduleBillJobJob =
  (deps: JobDeps): JobHandler =>
  async (job) => {
    const dueAt = await scheduleBillJob(await toJobContext(deps, job));
    return dueAt === undefined ? undefined : { outcome: "retry", dueAt };
  };
