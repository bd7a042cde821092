import { MISSING_MAPPING } from "../domain/integrations/event-name.ts";
import type { LineShape } from "../domain/integrations/shape-lines.ts";
import { AppError, assert, invalid } from "../errors.ts";
import type { ProviderRequest } from "../providers/delivery-step.ts";
import type { Connection } from "../store/connection.ts";
import { getLiveConnection } from "../store/connections.ts";
import { findFinalVersion } from "../store/draft-runs.ts";
import type { IntegrationRule } from "../store/integration-rules.ts";
import { findInvoiceRoute, type InvoiceRoute } from "../store/invoice-routes.ts";
import { getInvoice, type InvoiceRecord, isFrozen } from "../store/invoices.ts";
import type { OperationContext } from "./context.ts";
import { idempotencyKey } from "./deliver-invoice.ts";
import { findRouteConnection } from "./find-route-connection.ts";
import { getDeliverableInvoice } from "./get-deliverable-invoice.ts";
import { matchRules } from "./match-rules.ts";
import { openConnection } from "./open-connection.ts";
import { planDocument } from "./plan-document.ts";
import { resolvePayer } from "./prepare-delivery.ts";
import { shapeInvoice } from "./shape-lines.ts";
import { supposeFinalized } from "./suppose-finalized.ts";
import { withCurrentFields } from "./with-current-fields.ts";

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

/** A route as far as a plan needs it. */
interface RehearsedRoute {
  readonly provider: string;
  readonly connection: Connection;
  readonly options: Readonly<Record<string, unknown>>;
  readonly shape?: LineShape;
  readonly configurationId?: string;
}

/** The integration configuration to rehearse: that of the connection, or the first where nothing else leads anywhere. */
async function chooseRule(
  ctx: OperationContext,
  customerId: string,
  connectionId: string | undefined,
  hasOwn: boolean,
): Promise<IntegrationRule | undefined> {
  if (hasOwn && connectionId === undefined) return undefined;
  const { findings } = await matchRules(ctx.db, ctx, customerId);
  const rules = findings.flatMap(({ outcome, rule }) => (outcome === "send" ? [rule] : []));
  if (connectionId === undefined) return rules[0];
  return rules.find((rule) => rule.connectionId === connectionId);
}

async function toRuleRoute(
  ctx: OperationContext,
  rule: IntegrationRule,
  invoice: { readonly customerId: string; readonly contractId: string },
): Promise<RehearsedRoute> {
  const routing = ctx.services.providers[rule.provider]?.routing;
  assert(rule.connectionId !== null && routing !== undefined, "a rule that matches can be sent");
  const connection = await getLiveConnection(ctx.db, ctx.environment.id, rule.connectionId);
  const opened = openConnection(ctx, connection, ctx.environment.name);
  const payer = await resolvePayer(ctx, rule, routing, opened, invoice);
  if (payer === undefined) {
    const message = `No customer at the provider belongs to account ${invoice.customerId}`;
    throw invalid(message, "id", MISSING_MAPPING);
  }
  const { destination, excludedLineItemTypes, sortLineItemsBy } = rule.options;
  return {
    provider: rule.provider,
    connection,
    options: routing.toRouteOptions(destination, payer),
    shape: { excludedLineItemTypes, sortLineItemsBy },
    configurationId: rule.id,
  };
}

async function findRehearsedRoute(
  ctx: OperationContext,
  invoice: InvoiceRecord,
  connectionId: string | undefined,
): Promise<RehearsedRoute> {
  const own = await findInvoiceRoute(ctx.db, invoice);
  const rule = await chooseRule(ctx, invoice.customerId, connectionId, own !== undefined);
  if (rule !== undefined) return toRuleRoute(ctx, rule, invoice);
  if (own === undefined) {
    throw invalid(
      "The invoice goes to no provider: neither its contract nor its customer says where, and no integration matches",
      "id",
    );
  }
  if (ctx.services.providers[own.provider] === undefined) {
    throw invalid(`Nothing is sent to ${own.provider} yet`, "id");
  }
  const connection = await chooseConnection(ctx, connectionId, own);
  return { provider: own.provider, connection, options: own.options };
}

/**
 * The exact writes of a first delivery of this invoice, in order; nothing is sent. A draft is rated
 * now, as if it were finalized with what it says. Who pays over an integration configuration is read
 * from the provider. Throws AppError when the invoice was imported, goes nowhere, or would be refused.
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
  const route = await findRehearsedRoute(ctx, invoice, connectionId);
  const provider = ctx.services.providers[route.provider];
  assert(provider !== undefined, `there is a provider ${route.provider}`);
  const version = await findFinalVersion(ctx.db, invoiceId);
  const whole = await getDeliverableInvoice(ctx, invoiceId, version, invoice);
  const deliverable = await shapeInvoice(ctx, whole, route.shape);
  if (deliverable.lines.length === 0 && whole.lines.length > 0) return [];
  const current = await withCurrentFields(ctx, provider, deliverable, route.configurationId);
  const plan = planDocument(provider, current, route.options, {
    ...route.connection,
    environment: ctx.environment.name,
  });
  if (plan.outcome === "refuse") throw new AppError("invalid", plan.code, plan.message);
  if (plan.outcome === "skip") return [];
  return provider.rehearse(plan.document).map(({ name, request }) => ({
    ...request,
    idempotencyKey: idempotencyKey(deliverable, name, 0),
  }));
}
