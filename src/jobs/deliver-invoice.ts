import { instantText, Temporal } from "../domain/time.ts";
import { concludeRun } from "../operations/conclude-run.ts";
import { DeliveryInterrupted, deliverInvoice } from "../operations/deliver-invoice.ts";
import type { JobHandler } from "../platform/jobs/runner.ts";
import { ProviderReadError } from "../providers/provider.ts";
import { getRun } from "../store/integration-runs.ts";
import { getInvoice } from "../store/invoices.ts";
import type { JobDeps } from "./index.ts";
import { toJobContext } from "./job-context.ts";

const isProviderTrouble = (error: unknown): error is DeliveryInterrupted | ProviderReadError =>
  error instanceof DeliveryInterrupted || error instanceof ProviderReadError;

/** Delivers a run. Trouble that lasts ends the run visibly, instead of trying for ever. */
export const deliverInvoiceJob =
  (deps: JobDeps): JobHandler =>
  async (job) => {
    const ctx = await toJobContext(deps, job);
    const runId = String(job.payload.runId);
    try {
      await deliverInvoice(ctx, runId);
      return;
    } catch (error) {
      if (!isProviderTrouble(error)) throw error;
      const final =
        job.attempt >= job.maxAttempts || (error instanceof ProviderReadError && error.permanent);
      if (final) {
        const run = await getRun(ctx.db, ctx.environment.id, runId);
        const { customerId } = await getInvoice(ctx.db, ctx.environment.id, run.invoiceId);
        const code = error instanceof ProviderReadError ? error.code : "provider_unavailable";
        return concludeRun(ctx, run, customerId, {
          status: "FAILED",
          code,
          message: error.message,
        });
      }
      if (error instanceof DeliveryInterrupted && error.afterSeconds !== undefined) {
        const notBefore = Temporal.Now.instant().add({ seconds: error.afterSeconds });
        return {
          outcome: "retry",
          dueAt: instantText(ctx.now),
          notBeforeAt: instantText(notBefore),
          reason: error.message,
        };
      }
      throw error;
    }
  };
