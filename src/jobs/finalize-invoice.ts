import {
  type Finalization,
  finalizeInvoice,
  finalizeInvoices,
  type InvoiceKey,
} from "../operations/finalize-invoice.ts";
import type { BatchHandler, JobHandler, JobOutcome } from "../platform/jobs/job-handler.ts";
import type { Job } from "../platform/jobs/job-table.ts";
import type { JobDeps } from "./index.ts";
import { toJobContext } from "./job-context.ts";
import { payloadText } from "./job-payload.ts";

const toKey = (job: Job): InvoiceKey => ({
  invoiceId: payloadText(job, "invoiceId"),
  customerId: payloadText(job, "customerId"),
});

/** Whoever approves or releases a draft asks for it again; one that is not due comes back by itself. */
const toOutcome = (finalization: Finalization): JobOutcome =>
  finalization === undefined || "needs" in finalization
    ? undefined
    : { outcome: "retry", dueAt: finalization.notDueUntil };

/** Finalizes an invoice when its grace has passed or its scheduled instant has come. */
export const finalizeInvoiceJob =
  (deps: JobDeps): JobHandler =>
  async (job) =>
    toOutcome(await finalizeInvoice(await toJobContext(deps, job), toKey(job)));

/** Finalizes invoices of many customers at once: a billing run is thousands of them. */
export const finalizeInvoiceBatch =
  (deps: JobDeps): BatchHandler =>
  async (jobs) => {
    const [first] = jobs;
    if (first === undefined) return [];
    const ctx = await toJobContext(deps, first);
    return (await finalizeInvoices(ctx, jobs.map(toKey))).map(toOutcome);
  };
