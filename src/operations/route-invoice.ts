import type { CoreTransaction } from "../db/database.ts";
import type { BillableStatus } from "../domain/invoices/billable-status.ts";
import { instantText } from "../domain/time.ts";
import { insertRun } from "../store/integration-runs.ts";
import { findInvoiceRoute, type RoutedInvoice } from "../store/invoice-routes.ts";
import type { OperationContext } from "./context.ts";
import { enqueueDelivery } from "./enqueue-delivery.ts";
import { findRouteConnection } from "./find-route-connection.ts";

/** The first and, until an invoice is sent anew, only version of a finalized invoice. */
export const INVOICE_VERSION = 1;

/**
 * Decides where a finalized invoice goes, in the transaction that finalizes it: the contract's
 * billing configuration, else the customer's when exactly one is active, else nowhere; what is not
 * billable goes nowhere. Each run is unique for (invoice, version, connection), so deciding twice delivers once.
 */
export async function routeInvoice(
  tx: CoreTransaction,
  ctx: OperationContext,
  invoice: RoutedInvoice & { readonly id: string; readonly billableStatus: BillableStatus },
): Promise<void> {
  if (invoice.billableStatus === "unbillable") return;
  const route = await findInvoiceRoute(tx, invoice);
  if (route === undefined || ctx.services.providers[route.provider] === undefined) return;
  const environmentId = ctx.environment.id;
  const connection = await findRouteConnection(tx, environmentId, {
    connectionId: route.connectionId,
    billingProvider: route.provider,
  });
  const run = await insertRun(tx, {
    environmentId,
    invoiceId: invoice.id,
    invoiceVersion: INVOICE_VERSION,
    connectionId: connection?.id ?? null,
    provider: route.provider,
    route: { configurationId: route.configurationId, options: route.options },
    createdAt: instantText(ctx.now),
  });
  if (run !== undefined) await enqueueDelivery(tx, ctx, run.id, invoice.customerId);
}
