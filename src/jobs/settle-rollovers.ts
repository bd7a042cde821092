import { settleRolloversOf } from "../operations/settle-rollovers.ts";
import type { JobHandler } from "../platform/jobs/job-handler.ts";
import type { JobDeps } from "./index.ts";
import { toJobContext } from "./job-context.ts";
import { payloadText } from "./job-payload.ts";

/** As a contract that renews another one begins: takes over what that one leaves, if that is final. */
export const settleRolloversJob =
  (deps: JobDeps): JobHandler =>
  async (job) => {
    const ctx = await toJobContext(deps, job);
    await settleRolloversOf(ctx, payloadText(job, "customerId"));
  };
