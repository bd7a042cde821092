import { instant, instantText, isAfter } from "../../domain/time.ts";
import { AppError, assert } from "../../errors.ts";
import { faultPoint } from "../../platform/fault-points.ts";
import type { BatchHandler, JobHandlers, JobOutcome } from "../../platform/jobs/job-handler.ts";
import type { Job } from "../../platform/jobs/job-table.ts";
import { type CollectContext, inScope, type Owner } from "../in-scope.ts";
import { setDelinquent } from "../operations/change-customer.ts";
import {
  CHARGE_INVOICE,
  FINALIZE_INVOICE,
  isCharged,
  TELL_OVERDUE,
} from "../operations/charge-schedule.ts";
import { advanceDraft } from "../operations/finalize-invoice.ts";
import { chargeInvoice } from "../operations/pay-invoice.ts";
import { recordEvent } from "../operations/record-event.ts";
import { recordInvoiceChange } from "../operations/record-invoice-change.ts";
import { renderInvoice } from "../operations/render-invoice.ts";
import { followOverdue } from "../operations/subscriptions/follow-invoice.ts";
import type { Scope } from "../scope.ts";
import { findAndLockInvoice, type InvoiceRow, updateInvoice } from "../store/invoices.ts";
import { awaitsCreationNotice } from "../store/webhook-deliveries.ts";
import { scopedBatch } from "./scoped-batch.ts";

const readPayload = ({
  payload,
  clock,
  claimedAt: nowAt,
}: Job): Owner & { readonly invoice: string } => {
  const { accountId, livemode, invoice } = payload;
  assert(
    typeof accountId === "string" && typeof livemode === "boolean" && typeof invoice === "string",
    "the payload of an invoice's job names the invoice and whose it is",
  );
  return { accountId, livemode, clock, nowAt, invoice };
};

/** Comes back at `dueAt`, or is done when there is no such time. */
const again = (dueAt: string | null): JobOutcome =>
  dueAt === null ? undefined : { outcome: "retry", dueAt };

const isEarly = (scope: Scope, at: string): boolean => isAfter(instant(at), instant(scope.nowAt));

/** Stripe docs: Invoice finalization, "up to 72 hours". */
const MAX_WAIT_HOURS = 72;

/** How often a draft that waits looks whether it still has somebody to wait for. */
const LOOK_AGAIN_HOURS = 1;

const hoursAfter = (at: string, hours: number): string => instantText(instant(at).add({ hours }));

/** Until when a draft waits for those who want to know that it exists; null: no longer, or not at all. */
async function waitsUntil(scope: Scope, invoice: InvoiceRow): Promise<string | null> {
  if (invoice.finalization_is_fixed || invoice.webhooks_delivered_at !== null) return null;
  const latest = hoursAfter(invoice.created_at, MAX_WAIT_HOURS);
  if (!isEarly(scope, latest)) return null;
  return (await awaitsCreationNotice(scope, invoice.id)) ? latest : null;
}

/** Whether the time that drafts are left open is over. */
const isPastGrace = (scope: Scope, invoice: InvoiceRow): boolean =>
  !isEarly(scope, hoursAfter(invoice.created_at, scope.account.invoice_grace_hours));

/** A draft that waits says until when at most, and looks again before that. */
async function keepWaiting(scope: Scope, invoice: InvoiceRow, until: string): Promise<JobOutcome> {
  if (invoice.automatically_finalizes_at !== until) {
    const before = await renderInvoice(scope, invoice);
    const row = await updateInvoice(scope, invoice.id, { automatically_finalizes_at: until });
    await recordInvoiceChange(scope, before, row);
  }
  const soon = hoursAfter(scope.nowAt, LOOK_AGAIN_HOURS);
  return again(isAfter(instant(soon), instant(until)) ? until : soon);
}

/** Finalizes a draft whose time has come. A draft that cannot be finalized keeps the reason. */
async function finalizeDue(scope: Scope, invoice: InvoiceRow): Promise<JobOutcome> {
  const at = invoice.automatically_finalizes_at;
  if (invoice.status !== "draft" || at === null) return undefined;
  // A draft that waits is looked at before the latest time that it says.
  const waited =
    !invoice.finalization_is_fixed && at === hoursAfter(invoice.created_at, MAX_WAIT_HOURS);
  if (isEarly(scope, at) && !(waited && isPastGrace(scope, invoice))) return again(at);
  const until = await waitsUntil(scope, invoice);
  if (until !== null) return keepWaiting(scope, invoice, until);
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

/** Tells, once, that an invoice was not paid by its due date. */
async function tellOverdue(scope: Scope, invoice: InvoiceRow): Promise<JobOutcome> {
  if (invoice.status !== "open" || invoice.due_at === null) return undefined;
  if (invoice.overdue_told_at !== null) return undefined;
  if (isEarly(scope, invoice.due_at)) return again(invoice.due_at);
  const row = await updateInvoice(scope, invoice.id, { overdue_told_at: scope.nowAt });
  recordEvent(scope, { type: "invoice.overdue", object: await renderInvoice(scope, row) });
  await setDelinquent(scope, row.customer, true);
  await followOverdue(scope, row);
  return undefined;
}

/** The jobs that every invoice of a subscription has, done for many at once. */
export function invoiceBatches(context: CollectContext): Readonly<Record<string, BatchHandler>> {
  const runAll = (work: Work): BatchHandler =>
    scopedBatch(context, readPayload, (scope, { invoice }) => advance(scope, invoice, work));
  return { [FINALIZE_INVOICE]: runAll(finalizeDue), [CHARGE_INVOICE]: runAll(chargeDue) };
}

type Work = (scope: Scope, invoice: InvoiceRow) => Promise<JobOutcome>;

async function advance(scope: Scope, id: string, work: Work): Promise<JobOutcome> {
  const invoice = await findAndLockInvoice(scope, id);
  return invoice === undefined ? undefined : work(scope, invoice);
}

/**
 * The jobs that move invoices on by themselves. Running one twice changes nothing: the invoice's own
 * state and times, read under its lock, say what is due.
 */
export function invoiceJobs(context: CollectContext): JobHandlers {
  const run =
    (work: Work) =>
    async (job: Job): Promise<JobOutcome> => {
      const { invoice, ...owner } = readPayload(job);
      const outcome = await inScope(context, owner, (scope) => advance(scope, invoice, work));
      faultPoint("collect/job/committed");
      return outcome;
    };
  return {
    [FINALIZE_INVOICE]: run(finalizeDue),
    [CHARGE_INVOICE]: run(chargeDue),
    [TELL_OVERDUE]: run(tellOverdue),
  };
}
