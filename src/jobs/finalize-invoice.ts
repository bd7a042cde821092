import { finalizeInvoice } from "../operations/finalize-invoice.ts";
import type { JobHandler } from "../platform/jobs/runner.ts";
import type { JobDeps } from "./index.ts";
import { toJobContext } from "./job-context.ts";
import { payloadText } from "./job-payload.ts";

/** Finalizes an invoice when its grace has passed or its scheduled instant has come. */
export const finalizeInvoiceJob =
  (deps: JobDeps): JobHandler =>
  async (job) => {
    const ctx = await toJobContext(deps, job);
    const outcome = await finalizeInvoice(ctx, {
      invoiceId: payloadText(job, "invoiceId"),
      customerId: payloadText(job, "customerId"),
    });
    // Whoever approves or releases it asks for it again.
    if (outcome === undefined || "needs" in outcome) return undefined;
    return { outcome: "retry", dueAt: outcome.notDueUntil };
  };
