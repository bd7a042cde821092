import type { CoreTransaction } from "../db/database.ts";
import { instantText } from "../domain/time.ts";
import { conflict } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { listBillingConfigurations } from "../store/billing-configurations.ts";
import { findConnection } from "../store/connections.ts";
import { findRule } from "../store/integration-rules.ts";
import type { IntegrationRun } from "../store/integration-run.ts";
import { listRunSteps } from "../store/integration-run-steps.ts";
import { DUPLICATE_ROUTE, findDeliveryOver, getRun, lockRun } from "../store/integration-runs.ts";
import {
  findInvoiceRoute,
  type InvoiceRoute,
  type RoutedInvoice,
} from "../store/invoice-routes.ts";
import { getInvoice } from "../store/invoices.ts";
import { type RunChanges, updateRun } from "../store/run-changes.ts";
import type { OperationContext } from "./context.ts";
import { enqueueDelivery } from "./enqueue-delivery.ts";
import { findRouteConnection } from "./find-route-connection.ts";
import { matchRules } from "./match-rules.ts";
import { recordStatusChange } from "./record-status-change.ts";

/** In the words of the public contract: what stood at the provider was deleted there. */
const DELETED = "DELETED";

/** A replay goes through everything that has ended; a retry only through what failed. */
function assertRetryable(
  { status, externalStatus, duplicateOfRunId }: IntegrationRun,
  again: boolean,
): void {
  if (duplicateOfRunId !== null) {
    throw conflict(
      `Run ${duplicateOfRunId} delivers the invoice over the same connection: retry that one`,
      DUPLICATE_ROUTE,
    );
  }
  if (status === "FAILED" || externalStatus === DELETED) return;
  if (!again) {
    throw conflict(`Only a failed run can be retried; this one is ${status}`, "run_not_failed");
  }
  if (status === "SENT" || status === "SKIPPED") return;
  throw conflict(`The run is ${status}: it is under way already`, "run_under_way");
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

/** How a run goes on: over which route, or why it does not. */
type Choice =
  | { readonly outcome: "go"; readonly changes: Partial<RunChanges> }
  | { readonly outcome: "skip"; readonly changes: Partial<RunChanges> };

/** By its billing configuration as it is now. */
async function chooseOwnRoute(
  tx: CoreTransaction,
  ctx: OperationContext,
  run: IntegrationRun,
  invoice: RoutedInvoice,
): Promise<Choice> {
  // What was delivered stays as it was sent: only its state is looked at again.
  if (run.status === "SENT" && run.externalStatus !== DELETED) {
    return { outcome: "go", changes: {} };
  }
  const found = await findInvoiceRoute(tx, invoice);
  const route = found?.provider === run.provider ? found : undefined;
  const connectionId = await chooseConnection(tx, ctx, run, route);
  if (connectionId !== undefined && connectionId !== run.connectionId) {
    const other = await findDeliveryOver(tx, run, connectionId);
    if (other !== undefined) return skipAsDuplicate(other);
  }
  return {
    outcome: "go",
    changes: {
      ...(connectionId === undefined ? {} : { connectionId }),
      ...(route === undefined
        ? {}
        : { route: { configurationId: route.configurationId, options: route.options } }),
    },
  };
}

const skipAsDuplicate = (other: IntegrationRun): Choice => ({
  outcome: "skip",
  changes: {
    duplicateOfRunId: other.id,
    error: {
      code: DUPLICATE_ROUTE,
      message: `Run ${other.id} delivers the invoice over the same connection`,
    },
  },
});

/** By the run's integration configuration as it is now; the configuration itself never changes. */
async function chooseRuleRoute(
  tx: CoreTransaction,
  ctx: OperationContext,
  run: IntegrationRun & { readonly configurationId: string },
  customerId: string,
): Promise<Choice> {
  const { configurationId } = run;
  const rule = await findRule(tx, ctx.environment.id, configurationId);
  if (rule === undefined || rule.archivedAt !== null) {
    throw conflict("The integration of this run was deleted", "integration_deleted");
  }
  if (!rule.enabled) {
    throw conflict(
      `The integration ${rule.name} is disabled: enable it before you retry its runs`,
      "integration_disabled",
    );
  }
  if (await mayStand(tx, run)) {
    await chooseConnection(tx, ctx, run, undefined);
    const { refusal: _lifted, ...route } = run.route;
    return { outcome: "go", changes: { route } };
  }
  if (rule.connectionId === null) {
    throw conflict(
      `The integration ${rule.name} is not connected: connect it before you retry its runs`,
      "integration_not_connected",
    );
  }
  const { findings } = await matchRules(tx, ctx, customerId);
  const finding = findings.find((each) => each.rule.id === configurationId);
  const route = { configurationId, options: {} };
  if (finding === undefined) {
    const message = `The account does not match the integration ${rule.name} any more`;
    return { outcome: "skip", changes: { route, error: { code: "no_match", message } } };
  }
  if (finding.outcome === "refuse") {
    const { code, message } = finding;
    return { outcome: "go", changes: { route: { ...route, refusal: { code, message } } } };
  }
  const other = await findDeliveryOver(tx, run, rule.connectionId);
  if (other !== undefined && other.id !== run.id) return skipAsDuplicate(other);
  return { outcome: "go", changes: { route, connectionId: rule.connectionId } };
}

const hasRule = (run: IntegrationRun): run is IntegrationRun & { configurationId: string } =>
  run.configurationId !== null;

/**
 * Tries a run again that failed, or whose document was deleted at the provider, with its configuration
 * as it is now; `again`: one that ended well, too. What stands at the provider is looked at first, so
 * nothing is sent twice. Throws not_found, or a conflict when there is nothing to retry.
 */
export async function retryRun(
  ctx: OperationContext,
  id: string,
  { again = false }: { readonly again?: boolean } = {},
): Promise<IntegrationRun> {
  const environmentId = ctx.environment.id;
  await getRun(ctx.db, environmentId, id);
  return inTransaction(ctx.db, async (tx) => {
    const run = await lockRun(tx, id);
    assertRetryable(run, again);
    const invoice = await getInvoice(tx, environmentId, run.invoiceId);
    if (invoice.status === "VOID") {
      throw conflict(`Invoice ${invoice.id} is void and is not delivered`, "invoice_void");
    }
    const choice = hasRule(run)
      ? await chooseRuleRoute(tx, ctx, run, invoice.customerId)
      : await chooseOwnRoute(tx, ctx, run, invoice);
    const updatedAt = instantText(ctx.now);
    const state =
      choice.outcome === "go"
        ? ({ status: "QUEUED", externalStatus: "QUEUED", error: null, concludedAt: null } as const)
        : ({ status: "SKIPPED", externalStatus: "SKIPPED", concludedAt: updatedAt } as const);
    await updateRun(tx, id, {
      ...state,
      waitsFor: null,
      waiting: null,
      writeBackDueAt: null,
      attempts: run.attempts + 1,
      updatedAt,
      ...(run.externalStatus === DELETED ? { externalId: null } : {}),
      ...choice.changes,
    });
    await recordStatusChange(tx, ctx, run);
    if (choice.outcome === "go") await enqueueDelivery(tx, ctx, id, invoice.customerId);
    return getRun(tx, environmentId, id);
  });
}

/**
 * Of how many billing configurations none decides where a failed run goes; 0: it is decided. The one that failed is
 * what somebody set another for, so that what was never sent does not go there.
 */
export async function countUndecided(
  tx: CoreTransaction,
  ctx: OperationContext,
  run: IntegrationRun,
): Promise<number> {
  if (hasRule(run) || run.status !== "FAILED" || (await mayStand(tx, run))) return 0;
  const invoice = await getInvoice(tx, ctx.environment.id, run.invoiceId);
  if (invoice.status === "VOID" || (await findInvoiceRoute(tx, invoice)) !== undefined) return 0;
  const active = await listBillingConfigurations(tx, ctx.environment.id, [invoice.customerId]);
  return active.length < 2 ? 0 : active.length;
}

async function refuseSeveral(tx: CoreTransaction, ctx: OperationContext, run: IntegrationRun) {
  const count = await countUndecided(tx, ctx, run);
  if (count === 0) return;
  throw conflict(
    `The customer has ${count} active billing configurations, and the invoice's contract names none of them: archive all but one (POST /v1/archiveCustomerBillingProviderConfigurations), then retry`,
    "several_billing_configurations",
  );
}

/**
 * As retryRun, for a person: where it is open which configuration holds, they decide it first. Throws conflict
 * then too.
 */
export async function retryAsAsked(
  ctx: OperationContext,
  id: string,
  options: { readonly again?: boolean } = {},
): Promise<IntegrationRun> {
  return inTransaction(ctx.db, async (tx) => {
    await getRun(tx, ctx.environment.id, id);
    await refuseSeveral(tx, ctx, await lockRun(tx, id));
    return retryRun({ ...ctx, db: tx }, id, options);
  });
}
