import type { CoreTransaction } from "../db/database.ts";
import type { RuleFinding } from "../domain/integrations/decide-rules.ts";
import type { BillableStatus } from "../domain/invoices/billable-status.ts";
import { instantText } from "../domain/time.ts";
import type { IntegrationRule } from "../store/integration-rules.ts";
import type { IntegrationRun } from "../store/integration-run.ts";
import { insertRun, type NewRun } from "../store/integration-runs.ts";
import {
  findInvoiceRoute,
  type InvoiceRoute,
  type RoutedInvoice,
} from "../store/invoice-routes.ts";
import { noteUnrouted } from "../store/unrouted-invoices.ts";
import type { OperationContext } from "./context.ts";
import { enqueueDelivery } from "./enqueue-delivery.ts";
import { findRouteConnection } from "./find-route-connection.ts";
import { matchSenders } from "./match-senders.ts";
import { meterInvoice } from "./meter-invoice.ts";
import { raiseUnrouted } from "./raise-integration-event.ts";
import { type SentDrafts, sentDraftsOf } from "./sent-drafts.ts";

type RoutableInvoice = RoutedInvoice & {
  readonly id: string;
  readonly billableStatus: BillableStatus;
  readonly content?: { readonly lines: readonly unknown[] };
};

/**
 * Decides where a finalized invoice goes, in the transaction that finalizes it: over the contract's
 * billing configuration, else the customer's when exactly one is active, and over every integration
 * configuration that matches the account, by creation. The same account at a provider gets it once:
 * the first route wins, and those that lead there as well are written down as skipped. Where the
 * provider takes usage in the place of invoices it is counted there. What is not
 * billable goes nowhere; what no route takes is written down. A run is unique for (invoice, version,
 * connection), so deciding twice delivers once.
 */
export async function routeInvoice(
  tx: CoreTransaction,
  ctx: OperationContext,
  invoice: RoutableInvoice,
  { byRules = true }: { readonly byRules?: boolean } = {},
): Promise<void> {
  if (invoice.billableStatus === "unbillable") return;
  const drafts = sentDraftsOf(tx, invoice.id);
  const route = await findInvoiceRoute(tx, invoice);
  const isMetered = await meterInvoice(tx, ctx, invoice.id, route);
  const own = await addOwnRun(tx, ctx, invoice, { route, drafts });
  if (!byRules) return;
  const { hasRules, findings } = await matchSenders(tx, ctx, invoice, drafts);
  await addRuleRuns(tx, ctx, invoice, { drafts, findings, before: own === undefined ? [] : [own] });
  if (isMetered || own !== undefined || findings.length > 0) return;
  if (invoice.content?.lines.length === 0) return;
  const notedAt = instantText(ctx.now);
  await noteUnrouted(tx, { invoiceId: invoice.id, environmentId: ctx.environment.id, notedAt });
  if (hasRules) await raiseUnrouted(tx, ctx, invoice);
}

/** The run over a billing configuration, as far as there is one. */
async function addOwnRun(
  tx: CoreTransaction,
  ctx: OperationContext,
  invoice: RoutableInvoice,
  { route, drafts }: { readonly route: InvoiceRoute | undefined; readonly drafts: SentDrafts },
): Promise<IntegrationRun | undefined> {
  if (route === undefined || ctx.services.providers[route.provider] === undefined) return undefined;
  const connection = await findRouteConnection(tx, ctx.environment.id, {
    connectionId: route.connectionId,
    billingProvider: route.provider,
  });
  return addRun(tx, ctx, invoice, drafts, {
    connectionId: connection?.id ?? null,
    provider: route.provider,
    route: { configurationId: route.configurationId, options: route.options },
  });
}

/** What can be sent comes first, so that a rule that is off or refused never stands in its way. */
async function addRuleRuns(
  tx: CoreTransaction,
  ctx: OperationContext,
  invoice: RoutableInvoice,
  {
    drafts,
    findings,
    before,
  }: {
    readonly drafts: SentDrafts;
    readonly findings: readonly RuleFinding<IntegrationRule>[];
    readonly before: readonly IntegrationRun[];
  },
): Promise<void> {
  const runs = [...before];
  const rank = { send: 0, disabled: 1, refuse: 2 };
  for (const finding of findings.toSorted((a, b) => rank[a.outcome] - rank[b.outcome])) {
    const { rule } = finding;
    // Refused: it holds no account, until a retry decides anew.
    const connectionId = finding.outcome === "refuse" ? null : rule.connectionId;
    const first =
      connectionId === null ? undefined : runs.find((run) => run.connectionId === connectionId);
    const run = await addRun(tx, ctx, invoice, drafts, {
      connectionId,
      provider: rule.provider,
      configurationId: rule.id,
      route: {
        configurationId: rule.id,
        options: {},
        ...(finding.outcome === "refuse"
          ? { refusal: { code: finding.code, message: finding.message } }
          : {}),
      },
      duplicateOf: first && {
        runId: first.id,
        reason: `Run ${first.id} delivers the invoice over the same connection`,
      },
    });
    if (run !== undefined) runs.push(run);
  }
}

async function addRun(
  tx: CoreTransaction,
  ctx: OperationContext,
  { id: invoiceId, customerId }: RoutableInvoice,
  drafts: SentDrafts,
  run: Omit<NewRun, "environmentId" | "invoiceId" | "invoiceVersion" | "createdAt">,
): Promise<IntegrationRun | undefined> {
  const documents = await drafts.documents();
  const draft = documents.find(({ connectionId }) => connectionId === run.connectionId);
  const added = await insertRun(tx, {
    environmentId: ctx.environment.id,
    invoiceId,
    invoiceVersion: await drafts.finalVersion(),
    externalId: run.duplicateOf === undefined ? draft?.externalId : undefined,
    createdAt: instantText(ctx.now),
    ...run,
  });
  if (added?.status === "QUEUED") await enqueueDelivery(tx, ctx, added.id, customerId);
  return added;
}
