import { instant } from "../domain/time.ts";
import { planPage } from "../operations/plan-notices.ts";
import type { JobHandler } from "../platform/jobs/job-handler.ts";
import type { JobDeps } from "./index.ts";
import { toJobContext } from "./job-context.ts";
import { payloadText } from "./job-payload.ts";

/** After notifications were switched on: plans for the next few customers. */
export const planNoticesJob =
  (deps: JobDeps): JobHandler =>
  async (job) => {
    const ctx = await toJobContext(deps, job);
    await planPage(ctx, {
      id: payloadText(job, "id"),
      from: instant(payloadText(job, "from")),
      after: payloadText(job, "after"),
    });
  };
