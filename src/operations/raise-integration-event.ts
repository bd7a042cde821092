import type { CoreTransaction } from "../db/database.ts";
import { type IntegrationEventName, REMEDIES } from "../domain/integrations/event-name.ts";
import { uuidV5 } from "../domain/invoices/invoice-id.ts";
import { instantText } from "../domain/time.ts";
import { insertIntegrationEvent } from "../store/integration-events.ts";
import type { IntegrationRule } from "../store/integration-rules.ts";
import type { IntegrationRun } from "../store/integration-run.ts";
import type { OperationContext } from "./context.ts";

interface Failure {
  readonly code: string;
  readonly message: string;
}

/** An address of the integrations API. */
export const organizationUrl = (
  { environment, services }: OperationContext,
  path: string,
): string => `${services.publicUrl()}/organizations/${environment.orgId}/${path}`;

/** Where a person goes about it: each remedy has a page of its own. */
function linkOf(
  ctx: OperationContext,
  name: IntegrationEventName,
  on: {
    readonly runId?: string;
    readonly configurationId?: string | null;
    readonly billId?: string;
  },
): string {
  const remedy = REMEDIES[name];
  if (remedy === "CREATE_MAPPING") return organizationUrl(ctx, "externalmappings");
  if (remedy === "OPEN_BILL") return organizationUrl(ctx, `bills/${on.billId}`);
  // A billing configuration has no page here: its run says what failed.
  const { configurationId = null } = on;
  return remedy === "OPEN_INTEGRATION" && configurationId !== null
    ? organizationUrl(ctx, `integrationconfigs/${configurationId}`)
    : organizationUrl(ctx, `integrationruns/${on.runId}`);
}

/**
 * Tells that a run failed, in the transaction that concludes it: once for each attempt, since the
 * event's id follows from the run, the attempt and the name.
 */
export async function raiseRunEvent(
  tx: CoreTransaction,
  ctx: OperationContext,
  name: IntegrationEventName,
  run: Pick<
    IntegrationRun,
    "id" | "invoiceId" | "attempts" | "configurationId" | "provider" | "connectionId"
  >,
  customerId: string,
  { code, message }: Failure,
): Promise<void> {
  const { configurationId } = run;
  const mapping = ctx.services.providers[run.provider]?.routing?.mapping;
  await insertIntegrationEvent(tx, ctx.environment.id, {
    id: uuidV5(run.id, `${name}:${run.attempts}`),
    name,
    eventAt: instantText(ctx.now),
    customerId,
    configurationId,
    runId: run.id,
    body: {
      accountId: customerId,
      billId: run.invoiceId,
      integrationRunId: run.id,
      integrationConfigId: configurationId,
      connectionId: run.connectionId,
      error: { code, message },
      remedy: {
        action: REMEDIES[name],
        link: linkOf(ctx, name, { runId: run.id, configurationId }),
        ...(REMEDIES[name] === "CREATE_MAPPING" && mapping !== undefined
          ? {
              body: {
                m3terEntity: "Account",
                m3terId: customerId,
                externalSystem: mapping.system,
                externalTable: mapping.table,
                integrationConfigId: configurationId,
              },
            }
          : {}),
      },
    },
  });
}

/** Tells that an integration was switched off by itself: once for each time that it is. */
export async function raiseDisabled(
  tx: CoreTransaction,
  ctx: OperationContext,
  rule: Pick<IntegrationRule, "id" | "name">,
  {
    runId,
    attempts,
    reason,
  }: { readonly runId: string; readonly attempts: number; readonly reason: string },
): Promise<void> {
  const name = "integration.disabled.error";
  await insertIntegrationEvent(tx, ctx.environment.id, {
    id: uuidV5(runId, `${name}:${attempts}`),
    name,
    eventAt: instantText(ctx.now),
    customerId: null,
    configurationId: rule.id,
    runId,
    body: {
      integrationRunId: runId,
      integrationConfigId: rule.id,
      error: { code: "integration_disabled", message: reason },
      remedy: { action: REMEDIES[name], link: linkOf(ctx, name, { configurationId: rule.id }) },
    },
  });
}

/** Tells that no route took a final invoice, once. */
export async function raiseUnrouted(
  tx: CoreTransaction,
  ctx: OperationContext,
  { id, customerId }: { readonly id: string; readonly customerId: string },
): Promise<void> {
  const name = "integration.unrouted";
  await insertIntegrationEvent(tx, ctx.environment.id, {
    id: uuidV5(id, name),
    name,
    eventAt: instantText(ctx.now),
    customerId,
    configurationId: null,
    runId: null,
    body: {
      accountId: customerId,
      billId: id,
      error: {
        code: "unrouted",
        message:
          "No billing configuration and no integration takes this bill: nobody is asked to pay it",
      },
      remedy: { action: REMEDIES[name], link: linkOf(ctx, name, { billId: id }) },
    },
  });
}

/** Tells that a rule matches a bill whose draft another one has sent, once for each bill and rule. */
export async function raiseHeldBack(
  tx: CoreTransaction,
  ctx: OperationContext,
  { id, customerId }: { readonly id: string; readonly customerId: string },
  rule: Pick<IntegrationRule, "id" | "name">,
  senders: readonly Pick<IntegrationRule, "name">[],
): Promise<void> {
  const name = "integration.validation.error";
  const sentBy = senders.map((sender) => sender.name).join(", ");
  await insertIntegrationEvent(tx, ctx.environment.id, {
    id: uuidV5(id, `held back:${rule.id}`),
    name,
    eventAt: instantText(ctx.now),
    customerId,
    configurationId: rule.id,
    runId: null,
    body: {
      accountId: customerId,
      billId: id,
      integrationConfigId: rule.id,
      error: {
        code: "sent_by_another",
        message: `The account matches ${rule.name} now, but ${sentBy} has sent the draft of this bill and goes on with it: to send it twice would bill twice`,
      },
      remedy: {
        action: "OPEN_INTEGRATION",
        link: linkOf(ctx, "integration.disabled.error", { configurationId: rule.id }),
      },
    },
  });
}
