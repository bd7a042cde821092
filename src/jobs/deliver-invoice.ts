import { instantText, Temporal } from "../domain/time.ts";
import { concludeRun } from "../operations/conclude-run.ts";
import type { OperationContext } from "../operations/context.ts";
import { deliverInvoice, type Waiting } from "../operations/deliver-invoice.ts";
import { DeliveryInterrupted } from "../operations/delivery-interrupted.ts";
import type { JobHandler, JobOutcome } from "../platform/jobs/job-handler.ts";
import type { Job } from "../platform/jobs/job-table.ts";
import { ProviderReadError } from "../providers/read-error.ts";
import { getRun } from "../store/integration-runs.ts";
import { getInvoice } from "../store/invoices.ts";
import { updateRun } from "../store/run-changes.ts";
import type { JobDeps } from "./index.ts";
import { toJobContext } from "./job-context.ts";

const isProviderTrouble = (error: unknown): error is DeliveryInterrupted | ProviderReadError =>
  error instanceof DeliveryInterrupted || error instanceof ProviderReadError;

const isFinal = (job: Job, error: unknown): boolean =>
  job.attempt >= job.maxAttempts || (error instanceof ProviderReadError && error.permanent);

function codeOf(error: unknown): string {
  if (error instanceof ProviderReadError) return error.code;
  return error instanceof DeliveryInterrupted ? "provider_unavailable" : "internal_error";
}

/** As soon as the provider will have us again, on real time. */
const waitFor = (ctx: OperationContext, seconds: number, reason: string): JobOutcome => ({
  outcome: "retry",
  dueAt: instantText(ctx.now),
  notBeforeAt: instantText(Temporal.Now.instant().add({ seconds })),
  reason,
  countsAsFailure: true,
});

/** Nothing failed: somebody at the provider has to act, and an event of it may bring the look forward. */
const comeBack = ({ lookAt, reason }: Waiting): JobOutcome => ({
  outcome: "retry",
  dueAt: instantText(lookAt),
  reason,
});

/**
 * What a delivery that threw comes to: trouble of the provider that lasts ends it visibly, with its
 * reason, instead of trying for ever; else it is tried again later. Throws what counts as a failed
 * attempt.
 */
export async function interruption(
  ctx: OperationContext,
  job: Job,
  error: unknown,
  giveUp: (code: string, message: string) => Promise<void>,
): Promise<JobOutcome> {
  if (isFinal(job, error)) {
    await giveUp(codeOf(error), error instanceof Error ? error.message : String(error));
    if (isProviderTrouble(error)) return undefined;
  } else if (isProviderTrouble(error) && error.afterSeconds !== undefined) {
    return waitFor(ctx, error.afterSeconds, error.message);
  }
  throw error;
}

/** What the next attempt waits for, for those who look meanwhile. */
async function noteWait(ctx: OperationContext, runId: string, error: unknown): Promise<void> {
  const waitsFor = isProviderTrouble(error) && error.throttled ? "rate_limit" : "retry";
  await updateRun(ctx.db, runId, { waitsFor, updatedAt: instantText(ctx.now) });
}

/** Delivers a run, and comes back to it while the provider is in trouble. */
export const deliverInvoiceJob =
  (deps: JobDeps): JobHandler =>
  async (job) => {
    const ctx = await toJobContext(deps, job);
    const runId = String(job.payload.runId);
    try {
      const waiting = await deliverInvoice(ctx, runId);
      return waiting && comeBack(waiting);
    } catch (error) {
      await noteWait(ctx, runId, error);
      return interruption(ctx, job, error, async (code, message) => {
        const run = await getRun(ctx.db, ctx.environment.id, runId);
        const { customerId } = await getInvoice(ctx.db, ctx.environment.id, run.invoiceId);
        await concludeRun(ctx, run, customerId, { status: "FAILED", code, message });
      });
    }
  };
