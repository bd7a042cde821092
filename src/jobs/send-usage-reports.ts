import { instantText } from "../domain/time.ts";
import { sendUsageReports } from "../operations/send-usage-reports.ts";
import type { JobHandler } from "../platform/jobs/job-handler.ts";
import type { JobDeps } from "./index.ts";
import { toJobContext } from "./job-context.ts";
import { payloadText } from "./job-payload.ts";

const FIRST_RETRY_SECONDS = 15;
/** Often enough for several attempts before a deadline. */
const MAX_RETRY_SECONDS = 900;

/** 15 s, 30 s, 1 min, ... a quarter of an hour at most. */
const backoffSeconds = (attempt: number): number =>
  Math.min(FIRST_RETRY_SECONDS * 2 ** Math.min(attempt - 1, 10), MAX_RETRY_SECONDS);

/** Sends reports of usage, and comes back while some are not taken: each ends at its deadline. */
export const sendUsageReportsJob =
  (deps: JobDeps): JobHandler =>
  async (job) => {
    const ctx = await toJobContext(deps, job);
    const found = await sendUsageReports(ctx, {
      connectionId: payloadText(job, "connectionId"),
      batchKey: payloadText(job, "batchKey"),
    });
    if (found === "done") return undefined;
    const dueAt = instantText(ctx.now.add({ seconds: backoffSeconds(job.attempt) }));
    return {
      outcome: "retry",
      dueAt,
      reason: "some reports were not taken",
      countsAsFailure: true,
    };
  };
