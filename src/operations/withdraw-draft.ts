import type { CoreTransaction } from "../db/database.ts";
import { instantText } from "../domain/time.ts";
import { inTransaction } from "../platform/database/database.ts";
import { faultPoint } from "../platform/fault-points.ts";
import { enqueueJob } from "../platform/jobs/enqueue.ts";
import { findConnection } from "../store/connections.ts";
import { listDraftDocuments, listDraftDocumentsOf, listPresent } from "../store/draft-runs.ts";
import type { IntegrationRun } from "../store/integration-run.ts";
import { listDeliveriesOfInvoice } from "../store/integration-runs.ts";
import type { OperationContext } from "./context.ts";
import { DeliveryInterrupted } from "./delivery-interrupted.ts";
import { openConnection } from "./open-connection.ts";

/** A draft of ours at a provider that nothing here stands for any more. */
export interface LeftDraft {
  readonly provider: string;
  readonly connectionId: string;
  readonly externalId: string;
}

const MAX_ATTEMPTS = 24;

const withdrawLater = (
  tx: CoreTransaction,
  ctx: OperationContext,
  { provider, connectionId, externalId }: LeftDraft,
  customerId?: string,
): Promise<void> =>
  enqueueJob(tx, "core_jobs", {
    clock: ctx.environment.name,
    kind: "withdraw-draft",
    key: `${connectionId}:${externalId}`,
    ...(customerId === undefined ? {} : { subject: customerId }),
    payload: { provider, connectionId, externalId },
    dueAt: instantText(ctx.now),
    maxAttempts: MAX_ATTEMPTS,
  });

/** Runs work that may drop drafts of a contract; what was sent of those is taken back by a job. */
export async function withdrawingDropped(
  tx: CoreTransaction,
  ctx: OperationContext,
  contractId: string,
  work: () => Promise<void>,
): Promise<void> {
  const before = await listDraftDocumentsOf(tx, contractId);
  await work();
  if (before.length === 0) return;
  const present = await listPresent(
    tx,
    before.map(({ invoiceId }) => invoiceId),
  );
  for (const document of before) {
    if (!present.has(document.invoiceId)) await withdrawLater(tx, ctx, document);
  }
}

/** Takes back the drafts of a final invoice at accounts where none of its runs goes. */
export async function withdrawUnused(
  tx: CoreTransaction,
  ctx: OperationContext,
  { id, customerId }: { readonly id: string; readonly customerId: string },
): Promise<void> {
  const documents = await listDraftDocuments(tx, [id]);
  if (documents.length === 0) return;
  const runs = await listDeliveriesOfInvoice(tx, id);
  const used = new Set(runs.map(({ connectionId }) => connectionId));
  for (const document of documents) {
    if (!used.has(document.connectionId)) await withdrawLater(tx, ctx, document, customerId);
  }
}

/** Takes back what earlier versions of an invoice left at the provider: this one is not sent there. */
export async function withdrawLeftDraft(
  ctx: OperationContext,
  { provider, connectionId, externalId }: IntegrationRun,
  customerId: string,
): Promise<void> {
  if (externalId === null || connectionId === null) return;
  await inTransaction(ctx.db, (tx) =>
    withdrawLater(tx, ctx, { provider, connectionId, externalId }, customerId),
  );
}

/**
 * Takes a draft away at its provider. What is final there, or gone, stays as it is; that is logged.
 * Throws DeliveryInterrupted, to be tried again.
 */
export async function withdrawDraft(
  ctx: OperationContext,
  { provider: name, connectionId, externalId }: LeftDraft,
): Promise<void> {
  const { logger, providers } = ctx.services;
  const provider = providers[name];
  const connection = await findConnection(ctx.db, ctx.environment.id, connectionId);
  const request = provider?.routing?.withdraw(externalId);
  if (provider === undefined || connection === undefined || request === undefined) return;
  const opened = openConnection(ctx, connection, ctx.environment.name);
  const result = await provider.execute(opened, request, `ledgerline-withdraw-${externalId}`);
  faultPoint("withdraw-draft/sent");
  if (result.outcome === "retry") {
    throw new DeliveryInterrupted(result.message, result.afterSeconds, result.throttled);
  }
  if (result.outcome === "accepted") return;
  const { code, message } = result;
  logger.warn({ connectionId, externalId, code, message }, "a draft could not be taken back");
}
