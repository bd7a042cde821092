import {
  applyRepair,
  endRepair,
  type RepairEnd,
} from "../operations/reconciliation/apply-repair.ts";
import type { JobHandler } from "../platform/jobs/job-handler.ts";
import { holdJob } from "../platform/jobs/lease.ts";
import { interruption } from "./deliver-invoice.ts";
import type { JobDeps } from "./index.ts";
import { toJobContext } from "./job-context.ts";
import { payloadText } from "./job-payload.ts";

/** Repairs a finding, and comes back to it while the provider is in trouble. */
export const applyRepairJob =
  (deps: JobDeps): JobHandler =>
  async (job) => {
    const ctx = await toJobContext(deps, job);
    const id = payloadText(job, "findingId");
    const end = (how: RepairEnd) => endRepair(ctx, id, how, (tx) => holdJob(tx, "core_jobs", job));
    try {
      const how = await applyRepair(ctx, id);
      if (how !== undefined) await end(how);
      return undefined;
    } catch (error) {
      return interruption(ctx, job, error, (_code, reason) => end({ state: "FAILED", reason }));
    }
  };
