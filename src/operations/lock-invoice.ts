import type { CoreTransaction } from "../db/database.ts";
import { instant, instantText, isAfter } from "../domain/time.ts";
import { conflict, invalid } from "../errors.ts";
import { updateIssueDate, updateLock } from "../store/invoice-review.ts";
import { dueTimeOf, getInvoice, type InvoiceRecord } from "../store/invoices.ts";
import type { OperationContext } from "./context.ts";
import { finalizeInTurn } from "./finalize-invoice.ts";
import { inTurnOf } from "./in-turn-of.ts";

/**
 * Locks an invoice for good: nothing recalculates it, and it is never void. An approved draft is
 * finalized for it at once, before its grace is over. Locking it again changes nothing. Throws
 * AppError (invalid, conflict) for a draft that is not approved, on hold, or scheduled for later, and a
 * void one; not found.
 */
export const lockInvoice = (ctx: OperationContext, id: string): Promise<void> =>
  inTurnOf(ctx, id, async (tx, invoice) => {
    if (invoice.review.lock !== null) return;
    if (invoice.status === "VOID") throw invalid(`Invoice ${id} is void: it is not locked`, "id");
    if (invoice.status === "DRAFT") await finalizeNow(tx, ctx, invoice);
    await updateLock(tx, id, { at: instantText(ctx.now), by: ctx.actor });
  });

async function finalizeNow(
  tx: CoreTransaction,
  ctx: OperationContext,
  invoice: InvoiceRecord,
): Promise<void> {
  const { id, customerId, review, endAt } = invoice;
  if (review.hold !== null) {
    throw conflict(`Invoice ${id} is on hold: release it first`, "invoice_held");
  }
  if (review.approval === null) {
    throw conflict(`Invoice ${id} is a draft: approve it first`, "invoice_not_approved");
  }
  // What the terms schedule has a date, and not a period whose usage is known: it is not billed early.
  const dueAt = dueTimeOf(invoice);
  if (endAt === null && dueAt !== null && isAfter(instant(dueAt), ctx.now)) {
    throw conflict(
      `Invoice ${id} is scheduled for ${dueAt}: lock it then, or give it an earlier issue date first`,
      "invoice_not_due",
    );
  }
  await updateIssueDate(tx, id, instantText(ctx.now));
  const waits = await finalizeInTurn(tx, ctx, { invoiceId: id, customerId });
  const { status } = await getInvoice(tx, ctx.environment.id, id);
  if (status === "FINALIZED") return;
  throw conflict(
    waits !== undefined && "needs" in waits
      ? `Invoice ${id} has changed since it was approved, or one before it waits: approve it again`
      : `Invoice ${id} depends on others that are not final yet`,
    "invoice_not_final",
  );
}
