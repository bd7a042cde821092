import { instantText } from "../domain/time.ts";
import { conflict } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { findConnection, findDefaultConnection } from "../store/connections.ts";
import { getRun, type IntegrationRun, lockRun, updateRun } from "../store/integration-runs.ts";
import { findInvoiceRoute } from "../store/invoice-routes.ts";
import { getInvoice } from "../store/invoices.ts";
import type { OperationContext } from "./context.ts";
import { enqueueDelivery } from "./enqueue-delivery.ts";

/**
 * Tries a failed run again, with the billing configuration as it is now. What stands at the provider
 * is looked at first, so nothing is sent twice. Throws a conflict unless the run has failed.
 */
export async function retryRun(ctx: OperationContext, id: string): Promise<IntegrationRun> {
  await getRun(ctx.db, ctx.environment.id, id);
  return inTransaction(ctx.db, async (tx) => {
    const run = await lockRun(tx, id);
    if (run.status !== "FAILED") {
      throw conflict(
        `Only a failed run can be retried; this one is ${run.status}`,
        "run_not_failed",
      );
    }
    const invoice = await getInvoice(tx, ctx.environment.id, run.invoiceId);
    const route = await findInvoiceRoute(tx, invoice);
    const environmentId = ctx.environment.id;
    const named = run.connectionId ?? route?.connectionId ?? null;
    const connection =
      named === null
        ? await findDefaultConnection(tx, environmentId, run.provider)
        : await findConnection(tx, environmentId, named);
    await updateRun(tx, id, {
      status: "QUEUED",
      externalStatus: "QUEUED",
      error: null,
      attempts: run.attempts + 1,
      updatedAt: instantText(ctx.now),
      ...(connection === undefined ? {} : { connectionId: connection.id }),
      ...(route?.provider === run.provider
        ? { route: { configurationId: route.configurationId, options: route.options } }
        : {}),
    });
    await enqueueDelivery(tx, ctx, id, invoice.customerId);
    return getRun(tx, environmentId, id);
  });
}
