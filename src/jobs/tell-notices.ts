import { instant } from "../domain/time.ts";
import { tellNotices } from "../operations/plan-notices.ts";
import type { JobHandler } from "../platform/jobs/job-handler.ts";
import type { JobDeps } from "./index.ts";
import { toJobContext } from "./job-context.ts";
import { payloadText } from "./job-payload.ts";

/** Tells what of one contract, commit or credit falls on the planned instant, and plans the next. */
export const tellNoticesJob =
  (deps: JobDeps): JobHandler =>
  async (job) => {
    const ctx = await toJobContext(deps, job);
    await tellNotices(ctx, {
      customerId: payloadText(job, "customerId"),
      id: payloadText(job, "id"),
      at: instant(payloadText(job, "at")),
    });
  };
