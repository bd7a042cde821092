import { instantText } from "../domain/time.ts";
import { faultPoint } from "../platform/fault-points.ts";
import type { CreditNoteTaker, DeliverableCreditNote } from "../providers/credit-notes.ts";
import type { ActingStep, ProviderRequest } from "../providers/delivery-step.ts";
import type { AnyProvider } from "../providers/provider.ts";
import type { ProviderConnection } from "../providers/provider-connection.ts";
import { findConnection } from "../store/connections.ts";
import {
  type CreditNoteDelivery,
  findNoteDelivery,
  type NoteRoute,
  updateNoteDelivery,
} from "../store/credit-note-deliveries.ts";
import { type CreditNote, getCreditNote } from "../store/credit-notes.ts";
import { findRun } from "../store/integration-runs.ts";
import type { OperationContext } from "./context.ts";
import { DeliveryInterrupted } from "./delivery-interrupted.ts";
import { openConnection } from "./open-connection.ts";

/** A note is created and, later, voided: more than this goes in circles. */
const MAX_STEPS = 5;

interface Delivery {
  readonly ctx: OperationContext;
  readonly route: NoteRoute;
  readonly note: DeliverableCreditNote;
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
  let refused: Refusal | undefined;
  for (let count = 0; count < MAX_STEPS; count += 1) {
    const observed = await opened.taker.observe(opened.connection, opened.note);
    const step = opened.taker.nextStep(opened.note, observed);
    if (step.step === "done") return finish(ctx, route, step.external.externalId);
    if (step.step === "refuse") return failNoteDelivery(ctx, route, step);
    // An invoice may be paid between the look and the write: then another write is the right one.
    if (refused !== undefined && isSame(refused.request, step.request)) {
      return failNoteDelivery(ctx, route, refused);
    }
    refused = await perform(opened, step);
  }
  const message = `The delivery did not come to an end within ${MAX_STEPS} steps.`;
  return failNoteDelivery(ctx, route, { code: "does_not_converge", message });
}

/** A write that the provider refused, and why. */
interface Refusal {
  readonly request: ProviderRequest;
  readonly code: string;
  readonly message: string;
}

const isSame = (a: ProviderRequest, b: ProviderRequest): boolean =>
  JSON.stringify(a) === JSON.stringify(b);

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
  if (provider?.creditNotes === undefined || connection === undefined) return undefined;
  return {
    ctx,
    route: { creditNoteId, runId },
    provider,
    taker: provider.creditNotes,
    connection: openConnection(ctx, connection, ctx.environment.name),
    note: {
      id: note.id,
      environment: ctx.environment.name,
      externalInvoiceId: run.externalId,
      amountMinor,
      reason: note.reason,
      memo: note.memo,
      wanted: note.status === "VOID" ? "void" : "issued",
    },
  };
}

/** Makes one write. Answers what was refused, under a key that is used up. */
async function perform(
  { ctx, route, note, provider, connection }: Delivery,
  { name, request }: Extract<ActingStep, { step: "write" }>,
): Promise<Refusal | undefined> {
  const generation = (await findNoteDelivery(ctx.db, route))?.keyGeneration ?? 0;
  const key = `ledgerline-credit-note-${note.id}-${name}-${generation}`;
  faultPoint("deliver-credit-note/before");
  const result = await provider.execute(connection, request, key);
  faultPoint("deliver-credit-note/sent");
  if (result.outcome === "accepted") return undefined;
  const usedUp = result.outcome === "rejected" || result.newKey;
  if (usedUp) await useNextKey(ctx, route, generation + 1);
  if (result.outcome === "retry") {
    throw new DeliveryInterrupted(result.message, result.afterSeconds);
  }
  // What it only repeated may be out of date.
  return result.replayed ? undefined : { request, code: result.code, message: result.message };
}

const useNextKey = (
  ctx: OperationContext,
  route: NoteRoute,
  keyGeneration: number,
): Promise<void> =>
  updateNoteDelivery(ctx.db, route, { keyGeneration, updatedAt: instantText(ctx.now) });

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
