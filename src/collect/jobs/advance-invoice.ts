import { instant, isAfter } from "../../domain/time.ts";
import { AppError, assert } from "../../errors.ts";
import { faultPoint } from "../../platform/fault-points.ts";
import type { Job } from "../../platform/jobs/job-table.ts";
import type { JobHandlers, JobOutcome } from "../../platform/jobs/runner.ts";
import { type CollectContext, inScope, type Owner } from "../in-scope.ts";
import { CHARGE_INVOICE, FINALIZE_INVOICE, isCharged } from "../operations/charge-schedule.ts";
import { advanceDraft } from "../operations/finalize-invoice.ts";
import { chargeInvoice } from "../operations/pay-invoice.ts";
import { recordInvoiceChange } from "../operations/record-invoice-change.ts";
import { renderInvoice } from "../operations/render-invoice.ts";
import type { Scope } from "../scope.ts";
import { findAndLockInvoice, type InvoiceRow, updateInvoice } from "../store/invoices.ts";

const readPayload = ({ payload }: Job): Owner & { readonly invoice: string } => {
  const { accountId, livemode, invoice } = payload;
  assert(
    typeof accountId === "string" && typeof livemode === "boolean" && typeof invoice === "string",
    "the payload of an invoice's job names the invoice and whose it is",
  );
  return { accountId, livemode, invoice };
};

/** Comes back at `dueAt`, or is done when there is no such time. */
const again = (dueAt: string | null): JobOutcome =>
  dueAt === null ? undefined : { outcome: "retry", dueAt };

const isEarly = (scope: Scope, at: string): boolean => isAfter(instant(at), instant(scope.nowAt));

/** Finalizes a draft whose time has come. A draft that cannot be finalized keeps the reason. */
async function finalizeDue(scope: Scope, invoice: InvoiceRow): Promise<JobOutcome> {
  const at = invoice.automatically_finalizes_at;
  if (invoice.status !== "draft" || at === null) return undefined;
  if (isEarly(scope, at)) return again(at);
  try {
    await advanceDraft(scope, invoice, invoice.auto_advance);
  } catch (error) {
    // Refusals come before anything is written, so what was locked can still be changed.
    if (!(error instanceof AppError) || error.kind !== "invalid") throw error;
    const before = await renderInvoice(scope, invoice);
    const { code, message } = error;
    const row = await updateInvoice(scope, invoice.id, {
      automatically_finalizes_at: null,
      last_finalization_error: JSON.stringify({ type: "invalid_request_error", code, message }),
    });
    await recordInvoiceChange(scope, before, row, ["invoice.finalization_failed"]);
  }
  return undefined;
}

/** Charges an open invoice whose next attempt is due; comes back for the attempt after a decline. */
async function chargeDue(scope: Scope, invoice: InvoiceRow): Promise<JobOutcome> {
  const at = invoice.next_payment_attempt_at;
  if (!isCharged(scope, invoice) || at === null) return undefined;
  if (isEarly(scope, at)) return again(at);
  const charged = await chargeInvoice(scope, invoice, true);
  return again(charged.invoice.next_payment_attempt_at);
}

/**
 * The jobs that move invoices on by themselves. Running one twice changes nothing: the invoice's own
 * state and times, read under its lock, say what is due.
 */
export function invoiceJobs(context: CollectContext): JobHandlers {
  const run =
    (work: (scope: Scope, invoice: InvoiceRow) => Promise<JobOutcome>) =>
    async (job: Job): Promise<JobOutcome> => {
      const { invoice: id, ...owner } = readPayload(job);
      const outcome = await inScope(context, owner, async (scope) => {
        const invoice = await findAndLockInvoice(scope, id);
        return invoice === undefined ? undefined : work(scope, invoice);
      });
      faultPoint("collect/job/committed");
      return outcome;
    };
  return { [FINALIZE_INVOICE]: run(finalizeDue), [CHARGE_INVOICE]: run(chargeDue) };
}
