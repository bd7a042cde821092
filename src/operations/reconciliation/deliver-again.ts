import type { CoreTransaction } from "../../db/database.ts";
import { instantText } from "../../domain/time.ts";
import { findNoteDelivery, updateNoteDelivery } from "../../store/credit-note-deliveries.ts";
import type { IntegrationRun } from "../../store/integration-run.ts";
import { lockRun } from "../../store/integration-runs.ts";
import { getInvoice } from "../../store/invoices.ts";
import { updateRun } from "../../store/run-changes.ts";
import type { OperationContext } from "../context.ts";
import { enqueueDelivery } from "../enqueue-delivery.ts";
import { retryAsAsked, retryRun } from "../retry-run.ts";
import { enqueueNoteDelivery } from "../send-credit-note.ts";

/** Delivers anew: the document that stood there is gone, or void. */
export async function redeliver(ctx: OperationContext, tx: CoreTransaction, runId: string) {
  const updatedAt = instantText(ctx.now);
  await updateRun(tx, runId, { externalStatus: "DELETED", updatedAt });
  await retryRun({ ...ctx, db: tx }, runId);
}

/** Lets a delivery go on that failed, or that nobody works on any more. */
export async function goOn(ctx: OperationContext, tx: CoreTransaction, runId: string) {
  const run = await lockRun(tx, runId);
  if (run.status === "FAILED") await retryAsAsked({ ...ctx, db: tx }, runId);
  else {
    const { customerId } = await getInvoice(tx, ctx.environment.id, run.invoiceId);
    await enqueueDelivery(tx, ctx, runId, customerId);
  }
}

/** Notes a document as the one of a delivery, which then compares it and goes on. */
export async function adopt(
  ctx: OperationContext,
  tx: CoreTransaction,
  runId: string,
  externalId: string,
) {
  const { attempts, invoiceId } = await lockRun(tx, runId);
  const { customerId } = await getInvoice(tx, ctx.environment.id, invoiceId);
  await updateRun(tx, runId, {
    status: "QUEUED",
    externalStatus: "QUEUED",
    externalId,
    error: null,
    attempts: attempts + 1,
    updatedAt: instantText(ctx.now),
  });
  await enqueueDelivery(tx, ctx, runId, customerId);
}

/** Once more under a new key: under the old one the provider would repeat its answer. */
export async function resend(
  ctx: OperationContext,
  tx: CoreTransaction,
  creditNoteId: string,
  { id: runId, invoiceId }: Pick<IntegrationRun, "id" | "invoiceId">,
) {
  const route = { creditNoteId, runId };
  const { customerId } = await getInvoice(tx, ctx.environment.id, invoiceId);
  const delivery = await findNoteDelivery(tx, route);
  await updateNoteDelivery(tx, route, {
    status: "QUEUED",
    error: null,
    externalId: null,
    keyGeneration: (delivery?.keyGeneration ?? 0) + 1,
    updatedAt: instantText(ctx.now),
  });
  await enqueueNoteDelivery(tx, ctx, route, customerId);
}
