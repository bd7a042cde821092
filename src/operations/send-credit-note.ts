import type { CoreTransaction } from "../db/database.ts";
import { instantText } from "../domain/time.ts";
import { enqueueJob } from "../platform/jobs/enqueue.ts";
import {
  insertNoteDelivery,
  listQueuedNotes,
  type NoteRoute,
} from "../store/credit-note-deliveries.ts";
import { listDeliveriesOfInvoice } from "../store/integration-runs.ts";
import type { FrozenInvoice } from "../store/invoices.ts";
import type { OperationContext } from "./context.ts";
import { findRunResource } from "./find-payer-resource.ts";

/** 15 seconds to an hour apart: most of a day. */
const MAX_ATTEMPTS = 24;

/**
 * Sends a credit note on its way, in the transaction that issues it: to every provider that has
 * its invoice, or will have it. An invoice that goes nowhere has notes that go nowhere.
 */
export async function sendCreditNote(
  tx: CoreTransaction,
  ctx: OperationContext,
  { id: noteId, amountMinor }: { readonly id: string; readonly amountMinor: bigint },
  invoice: Pick<FrozenInvoice, "id" | "customerId">,
): Promise<void> {
  const runs = await listDeliveriesOfInvoice(tx, invoice.id);
  if (runs.length === 0) return;
  for (const run of runs) {
    const why = whyNotSent(amountMinor, ctx.services.providers[run.provider]?.creditNotes);
    const route = { creditNoteId: noteId, runId: run.id };
    await insertNoteDelivery(tx, {
      ...route,
      amountMinor,
      status: why === undefined ? "QUEUED" : "SKIPPED",
      error: why === undefined ? null : { code: "skipped", message: why },
      updatedAt: instantText(ctx.now),
    });
    if (why === undefined && run.status === "SENT") {
      await enqueueNoteDelivery(tx, ctx, route, invoice.customerId);
    }
  }
}

const whyNotSent = (amountMinor: bigint, taker: unknown): string | undefined => {
  if (amountMinor <= 0n) return "It gives back balances and no money";
  return taker === undefined ? "The provider takes no credit notes" : undefined;
};

/** Once a run has taken an invoice to its provider: the notes that waited for that. */
export async function sendWaitingNotes(
  tx: CoreTransaction,
  ctx: OperationContext,
  runId: string,
  customerId: string,
): Promise<void> {
  for (const creditNoteId of await listQueuedNotes(tx, runId)) {
    await enqueueNoteDelivery(tx, ctx, { creditNoteId, runId }, customerId);
  }
}

/** Lets a worker deliver a note, after whatever else is due for this customer. */
export const enqueueNoteDelivery = async (
  tx: CoreTransaction,
  ctx: OperationContext,
  { creditNoteId, runId }: NoteRoute,
  customerId: string,
): Promise<void> =>
  enqueueJob(tx, "core_jobs", {
    clock: ctx.environment.name,
    kind: "deliver-credit-note",
    key: `${creditNoteId}:${runId}`,
    subject: customerId,
    resource: await findRunResource(tx, ctx, runId),
    payload: { creditNoteId, runId },
    dueAt: instantText(ctx.now),
    maxAttempts: MAX_ATTEMPTS,
  });
