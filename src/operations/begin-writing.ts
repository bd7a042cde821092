import { isSameTax } from "../domain/invoices/stated-tax.ts";
import { instantText } from "../domain/time.ts";
import { inTransaction } from "../platform/database/database.ts";
import type { DeliverableInvoice } from "../providers/deliverable-invoice.ts";
import { insertRunStep } from "../store/integration-run-steps.ts";
import { lockRun } from "../store/integration-runs.ts";
import { findInvoiceTaxes } from "../store/invoice-taxes.ts";
import { updateRun } from "../store/run-changes.ts";
import type { OperationContext } from "./context.ts";
import { DeliveryInterrupted } from "./delivery-interrupted.ts";

/**
 * Journals the intent of a delivery's first write. Until then tax can be stated for the invoice: what was
 * stated while this delivery decided begins it anew (throws DeliveryInterrupted).
 */
export const beginWriting = (
  ctx: OperationContext,
  runId: string,
  { id, taxes }: DeliverableInvoice,
  first: Parameters<typeof insertRunStep>[2],
): Promise<void> =>
  inTransaction(ctx.db, async (tx) => {
    await lockRun(tx, runId);
    if (!isSameTax(taxes, (await findInvoiceTaxes(tx, id))?.taxes)) {
      throw new DeliveryInterrupted("The invoice's tax was stated meanwhile", 0);
    }
    // Who reads one snapshot from before this, and then locks the run, has to begin anew: a lock alone would
    // not tell it that the write was begun.
    await updateRun(tx, runId, { updatedAt: instantText(ctx.now) });
    await insertRunStep(tx, runId, first);
  });
