import type { CoreTransaction } from "../db/database.ts";
import { toSeenPayment } from "../domain/payments/workflow.ts";
import { instantText, Temporal } from "../domain/time.ts";
import { inTransaction } from "../platform/database/database.ts";
import { fewAtATime } from "../platform/few-at-a-time.ts";
import { TAX_TIMEOUT } from "../providers/delivery-step.ts";
import type { Carrier } from "../providers/verified-event.ts";
import { findConnection } from "../store/connections.ts";
import type { IntegrationRun } from "../store/integration-run.ts";
import { lockRun } from "../store/integration-runs.ts";
import { getInvoice } from "../store/invoices.ts";
import { updateProviderEventsProcessed } from "../store/provider-events.ts";
import { updateRun, updateRunObservation } from "../store/run-changes.ts";
import { findRunOfDocument, hasRunOfInvoice, listKnownDocuments } from "../store/run-documents.ts";
import { listCarriedHints } from "./carried-hints.ts";
import type { OperationContext } from "./context.ts";
import { enqueueDelivery } from "./enqueue-delivery.ts";
import { findRelated } from "./find-related.ts";
import { openConnection } from "./open-connection.ts";
import { recordStatusChange } from "./record-status-change.ts";
import { reportingRefusal } from "./report-issue.ts";
import { settleInvoicePayment } from "./settle-payment.ts";

export interface ProviderEventHint {
  readonly connectionId: string;
  readonly eventId: string;
  readonly externalId: string | undefined;
  readonly invoiceId: string | undefined;
  /** As VerifiedEvent.carrier. */
  readonly carrier?: Carrier | undefined;
  /** As VerifiedEvent.related. */
  readonly related?: string | undefined;
}

/**
 * A delivery that waits looks again at once. One that ended because nobody said the tax in time goes
 * on when the draft it left was finalized by somebody.
 */
async function resumeDelivery(
  tx: CoreTransaction,
  ctx: OperationContext,
  run: IntegrationRun,
  status: string | null,
): Promise<void> {
  const isFinalized = run.status === "FAILED" && run.errorCode === TAX_TIMEOUT && status !== null;
  if (!isFinalized && run.waitingSince === null) return;
  const { customerId } = await getInvoice(tx, ctx.environment.id, run.invoiceId);
  if (isFinalized) {
    await updateRun(tx, run.id, {
      status: "QUEUED",
      error: null,
      updatedAt: instantText(ctx.now),
    });
  }
  await enqueueDelivery(tx, ctx, run.id, customerId);
}

/** Fetches the document and writes down what it is now. */
async function observeRun(
  ctx: OperationContext,
  run: IntegrationRun,
  { connectionId, externalId, eventId }: ProviderEventHint & { readonly externalId: string },
): Promise<void> {
  const connection = await findConnection(ctx.db, ctx.environment.id, connectionId);
  const provider = ctx.services.providers[run.provider];
  if (provider === undefined || connection === undefined) return;
  const observedAt = instantText(Temporal.Now.instant());
  const opened = openConnection(ctx, connection, ctx.environment.name);
  const external = await reportingRefusal(ctx, connectionId, provider.fetch(opened, externalId));
  // Gone or void, and not the one that this run knows: an earlier document of it.
  const isOver = external === undefined || external.status === "VOID";
  if (isOver && run.externalId !== externalId) return;
  const status = external === undefined ? "DELETED" : external.status;
  const details = external?.details ?? run.externalDetails;
  const updatedAt = instantText(ctx.now);
  await inTransaction(ctx.db, async (tx) => {
    const before = await lockRun(tx, run.id);
    // During the look the run was given another document, or none to begin anew.
    if (before.externalId !== run.externalId && before.externalId !== externalId) return;
    await updateRunObservation(tx, run.id, { externalId, status, details, observedAt, updatedAt });
    await recordStatusChange(tx, ctx, before, { observedAt, eventId });
    await resumeDelivery(tx, ctx, before, status);
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

/** One look for all of them found nothing, and another product's it is not: its run is to come. */
async function isEarly(ctx: OperationContext, hint: ProviderEventHint): Promise<boolean> {
  const { connectionId, invoiceId } = hint;
  return invoiceId !== undefined && !(await hasRunOfInvoice(ctx.db, connectionId, invoiceId));
}

/**
 * An event is only a hint that something changed: the provider's document is fetched anew and its
 * state counts, whatever order events come in. Documents that are not ours are passed over. Answers
 * those that carry an invoice's id and come before anything is known of it: they are worth another
 * look. Throws ProviderReadError, to be tried again.
 */
export async function processProviderEvents(
  ctx: OperationContext,
  hints: readonly ProviderEventHint[],
): Promise<ReadonlySet<ProviderEventHint>> {
  const carried = await listCarriedHints(ctx, hints);
  const related = await findRelated(ctx, hints);
  const named = [...hints, ...carried, ...related];
  const ours = oneForEachDocument(await withoutStrangers(ctx, named));
  const early = new Set<string>();
  await fewAtATime(AT_ONCE, ours, async (hint) => {
    const { connectionId, externalId } = hint;
    if (externalId === undefined) return;
    const run = await findRunOfDocument(ctx.db, connectionId, hint);
    if (run !== undefined) await observeRun(ctx, run, { ...hint, externalId });
    else if (await isEarly(ctx, hint)) early.add(hint.eventId);
  });
  const isSettled = ({ eventId }: ProviderEventHint): boolean => !early.has(eventId);
  await markEventsProcessed(ctx, hints.filter(isSettled));
  return new Set(hints.filter((hint) => !isSettled(hint)));
}

/** These events are done with. */
export const markEventsProcessed = (
  ctx: OperationContext,
  hints: readonly ProviderEventHint[],
): Promise<void> => updateProviderEventsProcessed(ctx.db, hints, instantText(ctx.now));
