import type { CoreTransaction } from "../db/database.ts";
import { instantText } from "../domain/time.ts";
import { conflict, invalid } from "../errors.ts";
import { listRunSteps } from "../store/integration-run-steps.ts";
import { findRunOfInvoice, lockRun } from "../store/integration-runs.ts";
import { updateHold } from "../store/invoice-review.ts";
import type { InvoiceRecord } from "../store/invoices.ts";
import type { OperationContext } from "./context.ts";
import { enqueueDelivery } from "./enqueue-delivery.ts";
import { inTurnOf } from "./in-turn-of.ts";
import { resumeFinalization } from "./resume-finalization.ts";

/**
 * Puts an invoice on hold, with a reason: a draft is not finalized, a final one that no provider has
 * seen is not delivered. Holding it again replaces the reason. Throws AppError (invalid, conflict)
 * for a void one, and for one that goes nowhere or is on its way; not found.
 */
export const holdInvoice = (ctx: OperationContext, id: string, reason: string): Promise<void> =>
  inTurnOf(ctx, id, async (tx, invoice) => {
    if (invoice.status === "VOID") throw invalid(`Invoice ${id} is void: it goes nowhere`, "id");
    if (invoice.status === "FINALIZED") await refuseOnItsWay(tx, invoice);
    await updateHold(tx, id, { at: instantText(ctx.now), by: ctx.actor, reason });
  });

/** Lets an invoice on hold go on from where it stood. Throws AppError (invalid), not found. */
export const releaseInvoice = (ctx: OperationContext, id: string): Promise<void> =>
  inTurnOf(ctx, id, async (tx, invoice) => {
    if (invoice.review.hold === null) throw invalid(`Invoice ${id} is not on hold`, "id");
    await liftHold(tx, ctx, invoice);
  });

/** Takes a hold away and asks for what it stopped. */
export async function liftHold(
  tx: CoreTransaction,
  ctx: OperationContext,
  { id, customerId, status }: InvoiceRecord,
): Promise<void> {
  await updateHold(tx, id, null);
  if (status === "DRAFT") return resumeFinalization(tx, ctx, customerId);
  const run = await findRunOfInvoice(tx, id);
  if (run?.status === "QUEUED") await enqueueDelivery(tx, ctx, run.id, customerId);
}

/** A delivery that has begun is not called back: the provider may know the invoice already. */
async function refuseOnItsWay(tx: CoreTransaction, { id, review }: InvoiceRecord): Promise<void> {
  if (review.hold !== null) return;
  const found = await findRunOfInvoice(tx, id);
  if (found === undefined) {
    throw conflict(`Invoice ${id} goes to no provider: there is nothing to hold`, "not_delivered");
  }
  const run = await lockRun(tx, found.id);
  if (run.status === "QUEUED" && (await listRunSteps(tx, run.id)).length === 0) return;
  throw conflict(
    `The delivery of invoice ${id} is ${run.status}: it cannot be held any more`,
    "delivery_begun",
  );
}
