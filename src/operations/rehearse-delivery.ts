import { AppError, invalid } from "../errors.ts";
import type { ProviderRequest } from "../providers/provider.ts";
import { type Connection, getLiveConnection } from "../store/connections.ts";
import { findInvoiceRoute, type InvoiceRoute } from "../store/invoice-routes.ts";
import { getInvoice, isFrozen } from "../store/invoices.ts";
import type { OperationContext } from "./context.ts";
import { idempotencyKey } from "./deliver-invoice.ts";
import { findRouteConnection } from "./find-route-connection.ts";
import { getDeliverableInvoice } from "./get-deliverable-invoice.ts";
import { INVOICE_VERSION } from "./route-invoice.ts";
import { supposeFinalized } from "./suppose-finalized.ts";

export interface RehearsedRequest extends ProviderRequest {
  readonly idempotencyKey: string;
}

/** The connection that was asked for, else the one that the invoice's route leads to. */
async function chooseConnection(
  ctx: OperationContext,
  connectionId: string | undefined,
  route: InvoiceRoute,
): Promise<Connection> {
  if (connectionId !== undefined) {
    const asked = await getLiveConnection(ctx.db, ctx.environment.id, connectionId);
    if (asked.provider === route.provider) return asked;
    throw invalid(`connection_id must name a ${route.provider} connection`, "connection_id");
  }
  const found = await findRouteConnection(ctx.db, ctx.environment.id, {
    connectionId: route.connectionId,
    billingProvider: route.provider,
  });
  if (found !== undefined) return found;
  throw invalid(`There is no ${route.provider} connection to deliver over`, "id");
}

/**
 * The exact writes of a first delivery of this invoice, in order; nothing is sent. A draft is rated
 * now, as if it were finalized with what it says. Throws AppError when the invoice was imported, goes
 * nowhere, or would be refused.
 */
export async function rehearseDelivery(
  ctx: OperationContext,
  invoiceId: string,
  connectionId: string | undefined,
): Promise<RehearsedRequest[]> {
  const record = await getInvoice(ctx.db, ctx.environment.id, invoiceId);
  if (record.imported) {
    throw invalid("The invoice was issued elsewhere and is never sent", "id");
  }
  const invoice = isFrozen(record)
    ? record
    : await supposeFinalized(ctx, record.customerId, invoiceId);
  const route = await findInvoiceRoute(ctx.db, invoice);
  if (route === undefined) {
    throw invalid(
      "The invoice goes to no provider: neither its contract nor its customer says where",
      "id",
    );
  }
  const provider = ctx.services.providers[route.provider];
  if (provider === undefined) throw invalid(`Nothing is sent to ${route.provider} yet`, "id");
  const connection = await chooseConnection(ctx, connectionId, route);
  const deliverable = await getDeliverableInvoice(ctx, invoiceId, INVOICE_VERSION, invoice);
  const plan = provider.plan(deliverable, route.options, {
    ...connection,
    environment: ctx.environment.name,
  });
  if (plan.outcome === "refuse") throw new AppError("invalid", plan.code, plan.message);
  if (plan.outcome === "skip") return [];
  return provider.rehearse(plan.document).map(({ name, request }) => ({
    ...request,
    idempotencyKey: idempotencyKey(deliverable, name, 0),
  }));
}
