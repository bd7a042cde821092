import { processorOf } from "../domain/processor.ts";
import type { Scope } from "../scope.ts";
import type { InvoiceRow } from "../store/invoices.ts";

/** The kind of the jobs that finalize a draft which advances by itself. */
export const FINALIZE_INVOICE = "finalize-invoice";
/** The kind of the jobs that charge an open invoice, the first time and after declines. */
export const CHARGE_INVOICE = "charge-invoice";

/** The kind of the jobs that tell of a due date that has passed. */
export const TELL_OVERDUE = "tell-overdue";

/** True when the server itself is to collect the money of an open invoice. */
export const isCharged = (
  scope: Scope,
  invoice: Pick<InvoiceRow, "status" | "auto_advance" | "collection_method">,
): boolean =>
  invoice.status === "open" &&
  invoice.auto_advance &&
  invoice.collection_method === "charge_automatically" &&
  processorOf(scope).collects;

const enqueue = (scope: Scope, kind: string, invoice: InvoiceRow, dueAt: string): void => {
  scope.followUps.jobs.push({
    clock: scope.clock,
    kind,
    key: invoice.id,
    subject: invoice.customer,
    payload: { accountId: scope.accountId, livemode: scope.livemode, invoice: invoice.id },
    dueAt,
  });
};

/**
 * Promises the next automatic charge of a locked invoice. The invoice's own time decides: a job that
 * comes too early, or twice, does nothing.
 */
export function enqueueCharge(scope: Scope, invoice: InvoiceRow): void {
  if (invoice.next_payment_attempt_at === null) return;
  enqueue(scope, CHARGE_INVOICE, invoice, invoice.next_payment_attempt_at);
}

/** Promises to tell when the due date of a sent invoice passes. */
export function enqueueOverdue(scope: Scope, invoice: InvoiceRow): void {
  if (invoice.status !== "open" || invoice.due_at === null) return;
  enqueue(scope, TELL_OVERDUE, invoice, invoice.due_at);
}

/** Promises to finalize a locked draft when its time comes. */
export function enqueueFinalization(scope: Scope, invoice: InvoiceRow): void {
  if (invoice.automatically_finalizes_at === null) return;
  enqueue(scope, FINALIZE_INVOICE, invoice, invoice.automatically_finalizes_at);
}
