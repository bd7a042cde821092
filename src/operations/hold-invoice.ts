import type { CoreTransaction } from "../db/database.ts";
import { instantText } from "../domain/time.ts";
import { conflict, invalid } from "../errors.ts";
import { listDraftRuns } from "../store/draft-runs.ts";
import type { IntegrationRun } from "../store/integration-run.ts";
import { listRunSteps } from "../store/integration-run-steps.ts";
import { listDeliveriesOfInvoice, lockRun } from "../store/integration-runs.ts";
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
  if (status === "DRAFT") await resumeFinalization(tx, ctx, customerId);
  const runs =
    status === "DRAFT" ? await listDraftRuns(tx, id) : await listDeliveriesOfInvoice(tx, id);
  for (const run of runs) {
    if (run.status === "QUEUED") await enqueueDelivery(tx, ctx, run.id, customerId);
  }
}

/** A delivery that has begun is not called back: the provider may know the invoice already. */
async function refuseOnItsWay(tx: CoreTransaction, { id, review }: InvoiceRecord): Promise<void> {
  if (review.hold !== null) return;
  const found = await listDeliveriesOfInvoice(tx, id);
  if (found.length === 0) {
    throw conflict(`Invoice ${id} goes to no provider: there is nothing to hold`, "not_delivered");
  }
  const runs: IntegrationRun[] = [];
  for (const { id: runId } of found) runs.push(await lockRun(tx, runId));
  for (const run of runs) {
    const { length: steps } = await listRunSteps(tx, run.id);
    const isKnown = steps > 0 || run.writeBackDueAt !== null;
    if (isKnown || run.status === "RUNNING" || run.status === "SENT") throw begun(id, run);
  }
  const [first] = runs;
  if (first !== undefined && runs.every((run) => run.status !== "QUEUED")) throw begun(id, first);
}

const begun = (id: string, { status }: IntegrationRun) =>
  conflict(
    `The delivery of invoice ${id} is ${status}: it cannot be held any more`,
    "delivery_begun",
  );
