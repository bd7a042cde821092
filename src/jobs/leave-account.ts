import { leaveAccount } from "../operations/leave-account.ts";
import type { JobHandler } from "../platform/jobs/job-handler.ts";
import { ProviderReadError } from "../providers/read-error.ts";
import type { JobDeps } from "./index.ts";
import { toJobContext } from "./job-context.ts";
import { payloadText } from "./job-payload.ts";

/** Removes our webhook endpoints at an account that was left, as well as that can be done. */
export const leaveAccountJob =
  (deps: JobDeps): JobHandler =>
  async (job) => {
    const ctx = await toJobContext(deps, job);
    const connectionId = payloadText(job, "connectionId");
    try {
      await leaveAccount(ctx, connectionId, payloadText(job, "sealed"));
    } catch (error) {
      const isOver = error instanceof ProviderReadError && error.permanent;
      if (!isOver && job.attempt < job.maxAttempts) throw error;
      ctx.services.logger.warn(
        { connectionId, err: error },
        "our webhook endpoints at an account that was left could not be removed; remove them by hand",
      );
    }
  };
