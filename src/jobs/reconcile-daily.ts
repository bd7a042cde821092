import { runDailyReconciliation } from "../operations/reconciliation/run-daily-reconciliation.ts";
import type { JobHandler } from "../platform/jobs/job-handler.ts";
import type { JobDeps } from "./index.ts";
import { toJobContext } from "./job-context.ts";

/** At midnight in UTC, where it is switched on. */
export const reconcileDailyJob =
  (deps: JobDeps): JobHandler =>
  async (job) =>
    runDailyReconciliation(await toJobContext(deps, job));
