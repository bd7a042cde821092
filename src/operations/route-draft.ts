import type { CoreTransaction } from "../db/database.ts";
import { billableStatusAt } from "../domain/invoices/billable-status.ts";
import { instantText } from "../domain/time.ts";
import { faultPoint } from "../platform/fault-points.ts";
import { listBillableStatuses } from "../store/billable-statuses.ts";
import { insertRun } from "../store/integration-runs.ts";
import { findInvoiceRoute } from "../store/invoice-routes.ts";
import { dueTimeOf, type InvoiceRecord } from "../store/invoices.ts";
import type { OperationContext } from "./context.ts";
import { enqueueDelivery } from "./enqueue-delivery.ts";
import { findRouteConnection } from "./find-route-connection.ts";
import { matchSenders } from "./match-senders.ts";
import { sentDraftsOf } from "./sent-drafts.ts";

/**
 * Sends a version of a draft, in the transaction that found it, over every integration that does not
 * wait for approval: as one draft at the provider, which each version brings up to date and the final
 * invoice finishes. Drafts never go over a billing configuration, nor over its account.
 */
export async function routeDraft(
  tx: CoreTransaction,
  ctx: OperationContext,
  draft: InvoiceRecord,
  version: number,
): Promise<void> {
  const sent = sentDraftsOf(tx, draft.id);
  const { hasRules, findings } = await matchSenders(tx, ctx, draft, sent);
  if (!hasRules || (await isUnbillable(tx, ctx, draft))) return;
  const own = await findOwnConnection(tx, ctx, draft);
  const documents = await sent.documents();
  const used = new Set(own === undefined ? [] : [own]);
  for (const { outcome, rule } of findings) {
    const { connectionId, options } = rule;
    if (outcome !== "send" || options.onlySendBillOnApproval || connectionId === null) continue;
    const { routing } = ctx.services.providers[rule.provider] ?? {};
    if (!routing?.sendsDrafts(options.destination) || used.has(connectionId)) continue;
    used.add(connectionId);
    const run = await insertRun(tx, {
      environmentId: ctx.environment.id,
      invoiceId: draft.id,
      invoiceVersion: version,
      connectionId,
      provider: rule.provider,
      configurationId: rule.id,
      route: { configurationId: rule.id, options: {} },
      isDraft: true,
      externalId: documents.find((each) => each.connectionId === connectionId)?.externalId,
      createdAt: instantText(ctx.now),
    });
    if (run !== undefined) await enqueueDelivery(tx, ctx, run.id, draft.customerId);
    faultPoint("route-draft/added");
  }
}

async function isUnbillable(
  tx: CoreTransaction,
  ctx: OperationContext,
  { customerId, startAt, ...draft }: InvoiceRecord,
): Promise<boolean> {
  const at = startAt ?? dueTimeOf({ customerId, startAt, ...draft }) ?? instantText(ctx.now);
  return billableStatusAt(await listBillableStatuses(tx, customerId), at) === "unbillable";
}

/** The account of the invoice's billing configuration: the final invoice goes there by itself. */
async function findOwnConnection(
  tx: CoreTransaction,
  ctx: OperationContext,
  draft: InvoiceRecord,
): Promise<string | undefined> {
  const issuedAt = draft.issuedAt ?? dueTimeOf(draft);
  if (draft.endAt === null && issuedAt === null) return undefined;
  const route = await findInvoiceRoute(tx, { ...draft, issuedAt });
  if (route === undefined) return undefined;
  const connection = await findRouteConnection(tx, ctx.environment.id, {
    connectionId: route.connectionId,
    billingProvider: route.provider,
  });
  return connection?.id;
}
