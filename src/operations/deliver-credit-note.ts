import { instant, instantText } from "../domain/time.ts";
import { faultPoint } from "../platform/fault-points.ts";
import type { CreditNoteTaker, DeliverableCreditNote } from "../providers/credit-notes.ts";
import type { ActingStep, ProviderRequest, RefusedRequest } from "../providers/delivery-step.ts";
import type { AnyProvider } from "../providers/provider.ts";
import type { ProviderConnection } from "../providers/provider-connection.ts";
import { findConnection } from "../store/connections.ts";
import {
  type CreditNoteDelivery,
  findNoteDelivery,
  getNoteDelivery,
  type NoteRoute,
  updateNoteDelivery,
} from "../store/credit-note-deliveries.ts";
import { type CreditNote, getCreditNote } from "../store/credit-notes.ts";
import { findRun } from "../store/integration-runs.ts";
import type { OperationContext } from "./context.ts";
import { DeliveryInterrupted } from "./delivery-interrupted.ts";
import { getDeliverableInvoice } from "./get-deliverable-invoice.ts";
import { openConnection } from "./open-connection.ts";
import { withCurrentFields } from "./with-current-fields.ts";

/** A note is created and applied and, later, taken back, each refused at most once: more goes in circles. */
const MAX_STEPS = 8;

interface Delivery {
  readonly ctx: OperationContext;
  readonly route: NoteRoute;
  readonly noteId: string;
  readonly plan: ReturnType<CreditNoteTaker["plan"]>;
  readonly provider: AnyProvider;
  readonly taker: CreditNoteTaker;
  readonly connection: ProviderConnection;
}

/**
 * Delivers a credit note, resuming from any point: looks for it at the provider by our id before it
 * creates it, under a key that is always the same. Throws what is worth another attempt later. A note
 * whose invoice is not at the provider yet waits for that.
 */
export async function deliverCreditNote(ctx: OperationContext, route: NoteRoute): Promise<void> {
  const note = await getCreditNote(ctx.db, ctx.environment.id, route.creditNoteId);
  const delivery = await findNoteDelivery(ctx.db, route);
  if (delivery?.status !== "QUEUED") return;
  const opened = await open(ctx, note, delivery);
  if (opened === undefined) return;
  const { plan } = opened;
  if (plan.outcome === "refuse") return failNoteDelivery(ctx, route, plan);
  const refused: Refusal[] = [];
  for (let count = 0; count < MAX_STEPS; count += 1) {
    const standing = count === 0 ? delivery : await getNoteDelivery(ctx.db, route);
    const known = { externalId: standing.externalId ?? undefined, refused };
    const observed = await opened.taker.observe(opened.connection, plan.document, known);
    const step = opened.taker.nextStep(plan.document, observed);
    if (step.step === "done") return finish(ctx, route, step.external.externalId);
    if (step.step === "refuse") return failNoteDelivery(ctx, route, step);
    // What stands there may change between the look and the write: then another write is the right one.
    const before = refused.find((each) => !each.replayed && isSame(each, step.request));
    if (before !== undefined) return failNoteDelivery(ctx, route, before);
    const refusal = await perform(opened, standing, step);
    if (refusal !== undefined) refused.push(refusal);
  }
  const message = `The delivery did not come to an end within ${MAX_STEPS} steps.`;
  return failNoteDelivery(ctx, route, { code: "does_not_converge", message });
}

/** A write that the provider refused, and why. */
interface Refusal extends RefusedRequest {
  readonly message: string;
  /** It only repeated an answer, which may be out of date. */
  readonly replayed: boolean;
}

const isSame = ({ method, path, params }: ProviderRequest, other: ProviderRequest): boolean =>
  JSON.stringify({ method, path, params }) === JSON.stringify(other);

const toDeliverable = (
  ctx: OperationContext,
  note: CreditNote,
  externalInvoiceId: string,
  amountMinor: bigint,
): DeliverableCreditNote => ({
  id: note.id,
  environment: ctx.environment.name,
  externalInvoiceId,
  amountMinor,
  lines: note.lines,
  issuedAt: instant(note.issuedAt),
  reason: note.reason,
  memo: note.memo,
  wanted: note.status === "VOID" ? "void" : "issued",
});

/** undefined: its invoice is not there, so it waits. */
async function open(
  ctx: OperationContext,
  note: CreditNote,
  { creditNoteId, runId, amountMinor }: CreditNoteDelivery,
): Promise<Delivery | undefined> {
  const run = await findRun(ctx.db, ctx.environment.id, runId);
  if (run?.status !== "SENT" || run.externalId === null || run.connectionId === null) {
    return undefined;
  }
  const provider = ctx.services.providers[run.provider];
  const connection = await findConnection(ctx.db, ctx.environment.id, run.connectionId);
  const taker = provider?.creditNotes;
  if (provider === undefined || taker === undefined || connection === undefined) return undefined;
  const invoice = await getDeliverableInvoice(ctx, run.invoiceId, run.invoiceVersion);
  const credited = {
    invoice: await withCurrentFields(ctx, provider, invoice, run.configurationId ?? undefined),
    options: run.route.options,
  };
  const opened = openConnection(ctx, connection, ctx.environment.name);
  return {
    ctx,
    route: { creditNoteId, runId },
    noteId: note.id,
    plan: taker.plan(toDeliverable(ctx, note, run.externalId, amountMinor), credited, opened),
    provider,
    taker,
    connection: opened,
  };
}

/** Makes one write. Answers what was refused, under a key that is used up from then on. */
async function perform(
  { ctx, route, noteId, provider, connection }: Delivery,
  { keyGeneration: generation, externalId }: CreditNoteDelivery,
  { name, request }: Extract<ActingStep, { step: "write" }>,
): Promise<Refusal | undefined> {
  const key = `ledgerline-credit-note-${noteId}-${name}-${generation}`;
  faultPoint("deliver-credit-note/before");
  const result = await provider.execute(connection, request, key);
  faultPoint("deliver-credit-note/sent");
  if (result.outcome === "accepted") {
    const created = externalId === null ? result.externalId : undefined;
    if (created !== undefined) await noteExternalId(ctx, route, created);
    return undefined;
  }
  const usedUp = result.outcome === "rejected" || result.newKey;
  if (usedUp) await useNextKey(ctx, route, generation + 1);
  if (result.outcome === "retry") {
    throw new DeliveryInterrupted(result.message, result.afterSeconds);
  }
  const { code, message, replayed } = result;
  return { ...request, code, message, replayed };
}

const useNextKey = (
  ctx: OperationContext,
  route: NoteRoute,
  keyGeneration: number,
): Promise<void> =>
  updateNoteDelivery(ctx.db, route, { keyGeneration, updatedAt: instantText(ctx.now) });

const noteExternalId = (
  ctx: OperationContext,
  route: NoteRoute,
  externalId: string,
): Promise<void> =>
  updateNoteDelivery(ctx.db, route, { externalId, updatedAt: instantText(ctx.now) });

const finish = (ctx: OperationContext, route: NoteRoute, externalId: string): Promise<void> =>
  updateNoteDelivery(ctx.db, route, {
    status: "SENT",
    error: null,
    updatedAt: instantText(ctx.now),
    ...(externalId === "" ? {} : { externalId }),
  });

/** A person has to look; `POST /v1/credit-notes/{id}/retry` tries again. */
export async function failNoteDelivery(
  ctx: OperationContext,
  route: NoteRoute,
  { code, message }: { readonly code: string; readonly message: string },
): Promise<void> {
  const error = { code, message };
  await updateNoteDelivery(ctx.db, route, {
    status: "FAILED",
    error,
    updatedAt: instantText(ctx.now),
  });
  ctx.services.logger.warn({ ...route, ...error }, "a credit note was not delivered");
}
