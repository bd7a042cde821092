import { instantText } from "../domain/time.ts";
import { evaluateThresholds } from "../operations/evaluate-thresholds.ts";
import type { JobHandler } from "../platform/jobs/job-handler.ts";
import type { JobDeps } from "./index.ts";
import { toJobContext } from "./job-context.ts";
import { payloadText } from "./job-payload.ts";

/** Looks at a customer's thresholds, and again when time alone may change a balance. */
export const evaluateThresholdsJob =
  (deps: JobDeps): JobHandler =>
  async (job) => {
    const ctx = await toJobContext(deps, job);
    const again = await evaluateThresholds(ctx, payloadText(job, "customerId"));
    return again && { outcome: "retry", dueAt: instantText(again) };
  };
