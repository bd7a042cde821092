import { failReconciliation, reconcile } from "../operations/reconciliation/reconcile.ts";
import type { JobHandler } from "../platform/jobs/job-handler.ts";
import { interruption } from "./deliver-invoice.ts";
import type { JobDeps } from "./index.ts";
import { toJobContext } from "./job-context.ts";
import { payloadText } from "./job-payload.ts";

/** Compares deliveries with their providers, and comes back while one is in trouble. */
export const reconcileJob =
  (deps: JobDeps): JobHandler =>
  async (job) => {
    const ctx = await toJobContext(deps, job);
    const id = payloadText(job, "reconciliationId");
    try {
      await reconcile(ctx, id);
      return undefined;
    } catch (error) {
      return interruption(ctx, job, error, (code, message) =>
        failReconciliation(ctx, id, { code, message }),
      );
    }
  };
