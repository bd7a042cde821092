import { endConsentAtProvider } from "../operations/revoke-consent.ts";
import type { JobHandler } from "../platform/jobs/job-handler.ts";
import { ProviderReadError } from "../providers/read-error.ts";
import type { JobDeps } from "./index.ts";
import { toJobContext } from "./job-context.ts";
import { payloadText } from "./job-payload.ts";

/** Ends a consent at the provider, as well as that can be done. */
export const revokeConsentJob =
  (deps: JobDeps): JobHandler =>
  async (job) => {
    const ctx = await toJobContext(deps, job);
    const connectionId = payloadText(job, "connectionId");
    try {
      const { account } = job.payload;
      await endConsentAtProvider(ctx, {
        connectionId,
        sealed: payloadText(job, "sealed"),
        account: typeof account === "string" ? account : undefined,
      });
    } catch (error) {
      const isOver = error instanceof ProviderReadError && error.permanent;
      if (!isOver && job.attempt < job.maxAttempts) throw error;
      ctx.services.logger.warn(
        { connectionId, err: error },
        "a consent could not be ended at the provider; disconnect the app there by hand",
      );
    }
  };
