import { applyRepair, endRepair } from "../operations/reconciliation/apply-repair.ts";
import type { JobHandler } from "../platform/jobs/runner.ts";
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
    try {
      await applyRepair(ctx, id);
      return undefined;
    } catch (error) {
      return interruption(ctx, job, error, (_code, reason) =>
        endRepair(ctx, id, { state: "FAILED", reason }),
      );
    }
  };
