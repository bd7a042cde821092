import { instantText } from "../domain/time.ts";
import { runBillJob } from "../operations/run-bill-job.ts";
import type { JobHandler } from "../platform/jobs/job-handler.ts";
import type { JobDeps } from "./index.ts";
import { toJobContext } from "./job-context.ts";
import { payloadText } from "./job-payload.ts";

/** Works on a bill job for a turn, and comes back at once while more is left. */
export const runBillJobJob =
  (deps: JobDeps): JobHandler =>
  async (job) => {
    const ctx = await toJobContext(deps, job);
    const goesOn = await runBillJob(ctx, payloadText(job, "billJobId"));
    return goesOn ? { outcome: "retry", dueAt: instantText(ctx.now) } : undefined;
  };
