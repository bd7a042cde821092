import { settleLateUsage } from "../operations/settle-late-usage.ts";
import type { JobHandler } from "../platform/jobs/job-handler.ts";
import type { JobDeps } from "./index.ts";
import { toJobContext } from "./job-context.ts";
import { payloadText } from "./job-payload.ts";

/** Bills late usage of a final invoice, and comes back when no more of it can count. */
export const correctUsageJob =
  (deps: JobDeps): JobHandler =>
  async (job) => {
    const ctx = await toJobContext(deps, job);
    const nextLook = await settleLateUsage(ctx, payloadText(job, "invoiceId"));
    return nextLook === undefined ? undefined : { outcome: "retry", dueAt: nextLook };
  };
