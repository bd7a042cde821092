import { instantText } from "../domain/time.ts";
import { nextWindowEnd } from "../domain/usage-reports/usage-report.ts";
import { planUsageReport } from "../operations/plan-usage-report.ts";
import { faultPoint } from "../platform/fault-points.ts";
import type { JobHandler } from "../platform/jobs/job-handler.ts";
import type { JobDeps } from "./index.ts";
import { toJobContext } from "./job-context.ts";
import { payloadText } from "./job-payload.ts";

/** Plans what a billing configuration reports, each hour as long as it is active. */
export const planUsageReportJob =
  (deps: JobDeps): JobHandler =>
  async (job) => {
    const ctx = await toJobContext(deps, job);
    const isActive = await planUsageReport(ctx, payloadText(job, "configurationId"));
    faultPoint("plan-usage-report/planned");
    return isActive ? { outcome: "retry", dueAt: instantText(nextWindowEnd(ctx.now)) } : undefined;
  };
