import type { CoreTransaction } from "../db/database.ts";
import { instantText } from "../domain/time.ts";
import { conflict } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { findConnection } from "../store/connections.ts";
import { listRunSteps } from "../store/integration-run-steps.ts";
import { getRun, type IntegrationRun, lockRun, updateRun } from "../store/integration-runs.ts";
import { findInvoiceRoute, type InvoiceRoute } from "../store/invoice-routes.ts";
import { getInvoice } from "../store/invoices.ts";
import type { OperationContext } from "./context.ts";
import { enqueueDelivery } from "./enqueue-delivery.ts";
import { findRouteConnection } from "./find-route-connection.ts";
import { recordStatusChange } from "./record-status-change.ts";

/** In the words of the public contract: what stood at the provider was deleted there. */
const DELETED = "DELETED";

function assertRetryable({ status, externalStatus }: IntegrationRun): void {
  if (status === "FAILED" || externalStatus === DELETED) return;
  throw conflict(`Only a failed run can be retried; this one is ${status}`, "run_not_failed");
}

/** Whether a document may stand at the provider: it does, or the outcome of a write is unknown. */
async function mayStand(tx: CoreTransaction, run: IntegrationRun): Promise<boolean> {
  if (run.externalStatus === DELETED) return false;
  if (run.externalId !== null) return true;
  return (await listRunSteps(tx, run.id)).some(({ outcome }) => outcome !== "rejected");
}

/**
 * The account to try again over. As long as the run's own is connected it stays: what stands there
 * must be found again. Throws a conflict when something may stand at an account that is gone.
 */
async function chooseConnection(
  tx: CoreTransaction,
  ctx: OperationContext,
  run: IntegrationRun,
  route: InvoiceRoute | undefined,
): Promise<string | undefined> {
  const environmentId = ctx.environment.id;
  const own =
    run.connectionId === null
      ? undefined
      : await findConnection(tx, environmentId, run.connectionId);
  if (own !== undefined && own.archivedAt === null) return own.id;
  if (await mayStand(tx, run)) {
    throw conflict(
      `${run.externalId ?? "A document"} may stand at an account that is no longer connected. Look there first; to bill elsewhere would bill twice.`,
      "account_disconnected",
    );
  }
  const connection = await findRouteConnection(tx, environmentId, {
    connectionId: route?.connectionId ?? null,
    billingProvider: run.provider,
  });
  return connection?.id;
}

/**
 * Tries a run again that failed, or whose document was deleted at the provider, with the billing
 * configuration as it is now. What stands at the provider is looked at first, so nothing is sent
 * twice. Throws not_found, or a conflict when there is nothing to retry.
 */
export async function retryRun(ctx: OperationContext, id: string): Promise<IntegrationRun> {
  const environmentId = ctx.environment.id;
  await getRun(ctx.db, environmentId, id);
  return inTransaction(ctx.db, async (tx) => {
    const run = await lockRun(tx, id);
    assertRetryable(run);
    const invoice = await getInvoice(tx, environmentId, run.invoiceId);
    if (invoice.status === "VOID") {
      throw conflict(`Invoice ${invoice.id} is void and is not delivered`, "invoice_void");
    }
    const found = await findInvoiceRoute(tx, invoice);
    const route = found?.provider === run.provider ? found : undefined;
    const connectionId = await chooseConnection(tx, ctx, run, route);
    await updateRun(tx, id, {
      status: "QUEUED",
      externalStatus: "QUEUED",
      error: null,
      waiting: null,
      attempts: run.attempts + 1,
      updatedAt: instantText(ctx.now),
      ...(run.externalStatus === DELETED ? { externalId: null } : {}),
      ...(connectionId === undefined ? {} : { connectionId }),
      ...(route === undefined
        ? {}
        : { route: { configurationId: route.configurationId, options: route.options } }),
    });
    await recordStatusChange(tx, ctx, run);
    await enqueueDelivery(tx, ctx, id, invoice.customerId);
    return getRun(tx, environmentId, id);
  });
}
