import type { AlertTrigger } from "../db/tables/alerts.ts";
import { instant, instantText, isAfter } from "../domain/time.ts";
import { assert } from "../errors.ts";
import { evaluateAlerts } from "../operations/evaluate-alerts.ts";
import type { JobHandler } from "../platform/jobs/job-handler.ts";
import type { Job } from "../platform/jobs/job-table.ts";
import type { JobDeps } from "./index.ts";
import { toJobContext } from "./job-context.ts";
import { payloadText } from "./job-payload.ts";

/** Looks at the alerts that watch a customer, and again when time alone may change something. */
export const evaluateAlertsJob =
  (deps: JobDeps): JobHandler =>
  async (job) => {
    const ctx = await toJobContext(deps, job);
    const customerId = payloadText(job, "customerId");
    const again = await evaluateAlerts(ctx, customerId, triggerOf(job));
    return again && { outcome: "retry", dueAt: instantText(again) };
  };

const TRIGGERS: readonly AlertTrigger[] = ["usage", "change", "time"];

/** A look that is due later than it was asked for comes by time alone. */
function triggerOf(job: Job): AlertTrigger {
  if (isAfter(instant(job.dueAt), instant(payloadText(job, "askedAt")))) return "time";
  const trigger = TRIGGERS.find((known) => known === job.payload.trigger);
  assert(trigger !== undefined, "an evaluation of alerts says why it was asked for");
  return trigger;
}
