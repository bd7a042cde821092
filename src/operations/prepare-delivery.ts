import { toText } from "../domain/decimal.ts";
import { MISSING_MAPPING } from "../domain/integrations/event-name.ts";
import { instantText } from "../domain/time.ts";
import { assert } from "../errors.ts";
import type { DeliverableInvoice } from "../providers/deliverable-invoice.ts";
import type { IntegrationRoute, MappingTarget, Payer } from "../providers/integration-route.ts";
import type { AnyProvider } from "../providers/provider.ts";
import type { ProviderConnection } from "../providers/provider-connection.ts";
import { findRule, type IntegrationRule } from "../store/integration-rules.ts";
import type { IntegrationRun, RunRoute } from "../store/integration-run.ts";
import { findExternalId } from "../store/payer-mappings.ts";
import { updateRun } from "../store/run-changes.ts";
import type { RunConclusion } from "./conclude-run.ts";
import type { OperationContext } from "./context.ts";
import { shapeInvoice } from "./shape-lines.ts";

type Refusal = Extract<RunConclusion, { status: "FAILED" }>;

const refuse = (code: string, message: string): Refusal => ({
  status: "FAILED",
  code,
  message,
  refused: true,
});

/** Why a run of a rule must not be sent at this moment, or undefined. Nothing was sent yet for it to be. */
export async function whyBarred(
  ctx: OperationContext,
  { configurationId, route }: IntegrationRun,
): Promise<Refusal | undefined> {
  if (route.refusal !== undefined) return refuse(route.refusal.code, route.refusal.message);
  if (configurationId === null) return undefined;
  const rule = await findRule(ctx.db, ctx.environment.id, configurationId);
  if (rule === undefined || rule.archivedAt !== null) {
    return refuse("integration_deleted", "The integration was deleted before the bill was sent.");
  }
  if (!rule.enabled) {
    return refuse(
      "integration_disabled",
      `The integration ${rule.name} is disabled. Enable it, then retry the run.`,
    );
  }
  if (rule.connectionId !== null) return undefined;
  return refuse(
    "integration_not_connected",
    `The integration ${rule.name} is not connected. Connect it, then retry the run.`,
  );
}

export interface DeliveryParts {
  readonly run: IntegrationRun;
  readonly invoice: DeliverableInvoice;
  readonly provider: AnyProvider;
  readonly connection: ProviderConnection;
}

/**
 * Completes a delivery: who pays at the provider, which lines are sent and in which order, and both
 * totals. What was found is kept with the run, so that every later attempt sends the same. Reads from
 * the provider. Throws ProviderReadError.
 */
export async function prepareDelivery<Parts extends DeliveryParts>(
  ctx: OperationContext,
  parts: Parts,
): Promise<Parts | RunConclusion> {
  const { run, invoice } = parts;
  const route = await completeRoute(ctx, parts);
  if ("status" in route) return route;
  const sent = await shapeInvoice(ctx, invoice, route.shape);
  await updateRun(ctx.db, run.id, {
    route,
    billTotal: toText(invoice.total),
    sentTotal: toText(sent.total),
    updatedAt: instantText(ctx.now),
  });
  if (sent.lines.length === 0 && invoice.lines.length > 0) {
    const reason = "Every line of the bill is of a type that the integration leaves out";
    return { status: "SKIPPED", reason };
  }
  return { ...parts, run: { ...run, route }, invoice: sent };
}

async function completeRoute(
  ctx: OperationContext,
  { run, invoice, provider, connection }: DeliveryParts,
): Promise<RunRoute | RunConclusion> {
  const { configurationId, route } = run;
  if (configurationId === null || Object.keys(route.options).length > 0) return route;
  const rule = await findRule(ctx.db, ctx.environment.id, configurationId);
  const { routing } = provider;
  assert(rule !== undefined && routing !== undefined, `run ${run.id} has a rule that leads there`);
  const payer = await resolvePayer(ctx, rule, routing, connection, invoice);
  if (payer === undefined) return missingPayer(rule, routing, invoice.customerId);
  const { excludedLineItemTypes, sortLineItemsBy, destination } = rule.options;
  return {
    configurationId,
    options: routing.toRouteOptions(destination, payer),
    shape: { excludedLineItemTypes, sortLineItemsBy },
  };
}

/**
 * The customer at the provider who pays an account's bills: the one it is mapped to, or the one that
 * carries the account's id, as the rule says. Nobody is made up. Throws ProviderReadError.
 */
export async function resolvePayer(
  ctx: OperationContext,
  rule: Pick<IntegrationRule, "id" | "options">,
  routing: IntegrationRoute,
  connection: ProviderConnection,
  { customerId, contractId }: Pick<DeliverableInvoice, "customerId" | "contractId">,
): Promise<Payer | undefined> {
  const mapped = (entity: string, entityId: string, target: MappingTarget) =>
    findExternalId(ctx.db, {
      environmentId: ctx.environment.id,
      entity,
      entityId,
      ...target,
      configurationId: rule.id,
    });
  const customer = rule.options.useExternalMappingAccountCode
    ? await mapped("Account", customerId, routing.mapping)
    : await routing.findPayer(connection, customerId);
  if (customer === undefined) return undefined;
  const { contractMapping } = routing;
  const subscription = contractMapping && (await mapped("Contract", contractId, contractMapping));
  return { customer, subscription };
}

function missingPayer(
  { name, options }: IntegrationRule,
  { mapping }: IntegrationRoute,
  accountId: string,
): Refusal {
  const what = `customer of ${mapping.system}`;
  return refuse(
    MISSING_MAPPING,
    options.useExternalMappingAccountCode
      ? `Account ${accountId} is mapped to no ${what} that ${name} may use. Create an external mapping, then retry the run.`
      : `No ${what} carries the id of account ${accountId} in its metadata. Write it there or map the account, then retry the run.`,
  );
}
