import { instantText } from "../domain/time.ts";
import { invalid, notFound } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { resetAlertStates } from "../store/alert-states.ts";
import { archiveAlert as archive, getAlert } from "../store/alerts.ts";
import { takeInvoicingTurn } from "../store/freeze-invoice.ts";
import type { OperationContext } from "./context.ts";
import { lockActiveCustomer } from "./lock-active-customer.ts";
import { requestAlertEvaluation } from "./request-threshold-evaluation.ts";

/**
 * Ends an alert for good: it looks at nobody any more. `releasesKey` lets another one have its
 * uniqueness key. Archiving it again changes nothing else. Throws not found.
 */
export async function archiveAlert(
  ctx: OperationContext,
  id: string,
  releasesKey: boolean,
): Promise<void> {
  await inTransaction(ctx.db, async (tx) => {
    await getAlert(tx, ctx.environment.id, id);
    await archive(tx, id, { at: instantText(ctx.now), releasesKey });
  });
}

/**
 * Forgets where a customer stands with an alert and looks anew: what is reached is told again. Throws
 * not found, also for an alert of another customer.
 */
export async function resetAlert(
  ctx: OperationContext,
  { alertId, customerId }: { readonly alertId: string; readonly customerId: string },
): Promise<void> {
  await inTransaction(
    ctx.db,
    async (tx) => {
      await lockActiveCustomer(tx, ctx, customerId);
      await takeInvoicingTurn(tx, customerId);
      const alert = await getAlert(tx, ctx.environment.id, alertId);
      if (alert.customerId !== null && alert.customerId !== customerId) {
        throw notFound("alert", alertId);
      }
      if (alert.archivedAt !== null) {
        throw invalid(`Alert ${alertId} is archived and looks at nobody any more`, "alert_id");
      }
      await resetAlertStates(tx, { alertId, customerId, at: instantText(ctx.now) });
      await requestAlertEvaluation(tx, ctx, customerId);
    },
    { oneSnapshot: true },
  );
}
