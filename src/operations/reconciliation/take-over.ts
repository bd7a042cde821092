import { toSeenPayment } from "../../domain/payments/workflow.ts";
import { instantText } from "../../domain/time.ts";
import { inTransaction } from "../../platform/database/database.ts";
import type { ExternalState } from "../../providers/delivery-step.ts";
import type { IntegrationRun } from "../../store/integration-run.ts";
import { updateRunObservation } from "../../store/run-changes.ts";
import type { OperationContext } from "../context.ts";
import { settleInvoicePayment } from "../settle-payment.ts";

/**
 * Notes what a look that began at `observedAt` found for a delivery; undefined: its document is gone.
 */
export async function takeOver(
  ctx: OperationContext,
  run: IntegrationRun,
  external: ExternalState | undefined,
  observedAt: string,
): Promise<void> {
  const { externalId } = run;
  if (externalId === null) return;
  const status = external === undefined ? "DELETED" : external.status;
  const details = external?.details ?? run.externalDetails;
  const updatedAt = instantText(ctx.now);
  await inTransaction(ctx.db, async (tx) => {
    await updateRunObservation(tx, run.id, { externalId, status, details, observedAt, updatedAt });
    await settleInvoicePayment(tx, ctx, run.invoiceId, toSeenPayment(status, external?.payment));
  });
}
