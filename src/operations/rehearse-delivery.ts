import { AppError, invalid } from "../errors.ts";
import type { ProviderRequest } from "../providers/provider.ts";
import { findConnection, findDefaultConnection } from "../store/connections.ts";
import { getDeliverableInvoice } from "../store/deliverable-invoices.ts";
import { findInvoiceRoute } from "../store/invoice-routes.ts";
import { getInvoice, isFrozen } from "../store/invoices.ts";
import type { OperationContext } from "./context.ts";
import { idempotencyKey } from "./deliver-invoice.ts";
import { INVOICE_VERSION } from "./route-invoice.ts";

export interface RehearsedRequest extends ProviderRequest {
  readonly idempotencyKey: string;
}

/**
 * The exact writes of a first delivery of this invoice, in order; nothing is sent. Throws AppError
 * when the invoice is a draft, goes nowhere, or would be refused.
 */
export async function rehearseDelivery(
  ctx: OperationContext,
  invoiceId: string,
  connectionId: string | undefined,
): Promise<RehearsedRequest[]> {
  const invoice = await getInvoice(ctx.db, ctx.environment.id, invoiceId);
  if (!isFrozen(invoice))
    throw invalid("The invoice is a draft; only a finalized one is delivered", "id");
  const route = await findInvoiceRoute(ctx.db, invoice);
  if (route === undefined) {
    throw invalid(
      "The invoice goes to no provider: its customer has no billing configuration",
      "id",
    );
  }
  const named = connectionId ?? route.connectionId;
  const connection =
    named === null
      ? await findDefaultConnection(ctx.db, ctx.environment.id, route.provider)
      : await findConnection(ctx.db, ctx.environment.id, named);
  const provider = ctx.services.providers[connection?.provider ?? route.provider];
  if (connection === undefined || provider === undefined) {
    throw invalid("connection_id names no connection of this environment", "connection_id");
  }
  const deliverable = await getDeliverableInvoice(
    ctx.db,
    ctx.environment,
    invoiceId,
    INVOICE_VERSION,
  );
  const plan = provider.plan(deliverable, route.options, connection.settings);
  if (plan.outcome === "refuse") throw new AppError("invalid", plan.code, plan.message);
  if (plan.outcome === "skip") return [];
  return provider.rehearse(plan.document).map(({ name, request }) => ({
    ...request,
    idempotencyKey: idempotencyKey(deliverable, name, 0),
  }));
}
