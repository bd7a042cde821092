import { toSeenPayment } from "../domain/payments/workflow.ts";
import { instantText, Temporal } from "../domain/time.ts";
import { inTransaction } from "../platform/database/database.ts";
import { fewAtATime } from "../platform/few-at-a-time.ts";
import { findConnection } from "../store/connections.ts";
import {
  findRunOfDocument,
  type IntegrationRun,
  listKnownDocuments,
  lockRun,
  updateRunObservation,
} from "../store/integration-runs.ts";
import { updateProviderEventsProcessed } from "../store/provider-events.ts";
import type { OperationContext } from "./context.ts";
import { openConnection } from "./open-connection.ts";
import { settleInvoicePayment } from "./settle-payment.ts";

export interface ProviderEventHint {
  readonly connectionId: string;
  readonly eventId: string;
  readonly externalId: string | undefined;
  readonly invoiceId: string | undefined;
}

/** Fetches the document and writes down what it is now. */
async function observeRun(
  ctx: OperationContext,
  run: IntegrationRun,
  connectionId: string,
  externalId: string,
): Promise<void> {
  const connection = await findConnection(ctx.db, ctx.environment.id, connectionId);
  const provider = ctx.services.providers[run.provider];
  if (provider === undefined || connection === undefined) return;
  const observedAt = instantText(Temporal.Now.instant());
  const opened = openConnection(ctx.services.vault, connection, ctx.environment.name);
  const external = await provider.fetch(opened, externalId);
  // Gone or void, and not the one that this run knows: an earlier document of it.
  const isOver = external === undefined || external.status === "VOID";
  if (isOver && run.externalId !== externalId) return;
  const status = external === undefined ? "DELETED" : external.status;
  const details = external?.details ?? run.externalDetails;
  const updatedAt = instantText(ctx.now);
  await inTransaction(ctx.db, async (tx) => {
    const { externalId: present } = await lockRun(tx, run.id);
    // During the look the run was given another document, or none to begin anew.
    if (present !== run.externalId && present !== externalId) return;
    await updateRunObservation(tx, run.id, { externalId, status, details, observedAt, updatedAt });
    const seen = toSeenPayment(status, external?.payment);
    await settleInvoicePayment(tx, ctx, run.invoiceId, seen);
  });
}

/** How many documents are fetched at a time. */
const AT_ONCE = 4;

/** Several events about one document are one reason to fetch it; the one that knows our invoice's id tells more. */
function oneForEachDocument(hints: readonly ProviderEventHint[]): ProviderEventHint[] {
  const byDocument = new Map<string, ProviderEventHint>();
  for (const hint of hints) {
    const document = `${hint.connectionId} ${hint.externalId}`;
    if (byDocument.get(document)?.invoiceId === undefined) byDocument.set(document, hint);
  }
  return [...byDocument.values()];
}

/** Those that could be about a document of ours: an account is used by others as well. */
async function withoutStrangers(
  ctx: OperationContext,
  hints: readonly ProviderEventHint[],
): Promise<ProviderEventHint[]> {
  const documents = hints.flatMap(({ connectionId, externalId }) =>
    externalId === undefined ? [] : [{ connectionId, externalId }],
  );
  const known = await listKnownDocuments(ctx.db, documents);
  return hints.filter(
    ({ externalId, invoiceId }) =>
      externalId !== undefined && (invoiceId !== undefined || known.has(externalId)),
  );
}

/**
 * An event is only a hint that something changed: the provider's document is fetched anew and its
 * state counts, whatever order events come in. Documents that are not ours are passed over. Throws
 * ProviderReadError, to be tried again.
 */
export async function processProviderEvents(
  ctx: OperationContext,
  hints: readonly ProviderEventHint[],
): Promise<void> {
  const ours = oneForEachDocument(await withoutStrangers(ctx, hints));
  await fewAtATime(AT_ONCE, ours, async (hint) => {
    const { connectionId, externalId } = hint;
    const run = await findRunOfDocument(ctx.db, connectionId, hint);
    if (run === undefined || externalId === undefined) return;
    await observeRun(ctx, run, connectionId, externalId);
  });
  await updateProviderEventsProcessed(ctx.db, hints, instantText(ctx.now));
}
