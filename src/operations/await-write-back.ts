import type { CoreTransaction } from "../db/database.ts";
import { instantText } from "../domain/time.ts";
import { inTransaction } from "../platform/database/database.ts";
import type { IntegrationRun } from "../store/integration-run.ts";
import { listDeliveriesOfInvoice, lockRun } from "../store/integration-runs.ts";
import { getInvoice, isFrozen } from "../store/invoices.ts";
import { updateRun } from "../store/run-changes.ts";
import { announceInvoice } from "./announce-invoice.ts";
import type { OperationContext } from "./context.ts";
import { enqueueDelivery } from "./enqueue-delivery.ts";

const REASON = "It waits for the system that fetches it to write back";

/**
 * Leaves a run to the system that fetches its invoice, until it writes back. A retry tells the
 * system anew, since it has seen the announcement of the first time. What was written back meanwhile stands.
 */
export const awaitWriteBack = (
  ctx: OperationContext,
  runId: string,
  withinHours: number,
): Promise<void> =>
  inTransaction(ctx.db, async (tx) => {
    const { status, attempts, invoiceId } = await lockRun(tx, runId);
    if (status !== "RUNNING") return;
    const since = instantText(ctx.now);
    await updateRun(tx, runId, {
      status: "QUEUED",
      waiting: { since, reason: REASON },
      writeBackDueAt: instantText(ctx.now.add({ hours: withinHours })),
      updatedAt: since,
    });
    const invoice = await getInvoice(tx, ctx.environment.id, invoiceId);
    if (attempts > 0 && isFrozen(invoice)) await announceInvoice(tx, ctx, invoice, attempts);
  });

/** Lets the runs of an invoice that was voided find that out, and end, instead of waiting for ever. */
export async function endAwaited(
  tx: CoreTransaction,
  ctx: OperationContext,
  { id, customerId }: { readonly id: string; readonly customerId: string },
): Promise<void> {
  const runs = await listDeliveriesOfInvoice(tx, id);
  for (const run of runs.filter((one) => writesBack(ctx, one) && isOpen(one))) {
    await enqueueDelivery(tx, ctx, run.id, customerId);
  }
}

const isOpen = ({ status }: IntegrationRun): boolean => status === "QUEUED" || status === "RUNNING";

/** Whether a run goes to a system that fetches invoices, instead of being delivered by us. */
export const writesBack = (ctx: OperationContext, { provider }: IntegrationRun): boolean =>
  ctx.services.providers[provider]?.writesBack !== undefined;
