import type { CoreTransaction } from "../db/database.ts";
import { invoiceId } from "../domain/invoices/invoice-id.ts";
import { instant, instantText } from "../domain/time.ts";
import { assert, invalid } from "../errors.ts";
import { upsertDrafts } from "../store/draft-invoices.ts";
import { findInvoicingParties } from "../store/invoice-contracts.ts";
import type { InvoiceRecord } from "../store/invoices.ts";
import { findWorkflowOfInvoice } from "../store/payment-workflows.ts";
import {
  findSuccessorOf,
  markRegenerated,
  nextGenerationOf,
} from "../store/regenerated-invoices.ts";
import { deleteInvoicedItems } from "../store/void-invoice.ts";
import type { OperationContext } from "./context.ts";
import { finalizeInTurn } from "./finalize-invoice.ts";
import { inTurnOf } from "./in-turn-of.ts";
import { voidInvoice } from "./void-invoice.ts";

/**
 * Takes a finalized invoice back for good. What it drew down is given back; what it billed by date is
 * billed again only when it is regenerated. What stands at a provider stays there. Throws AppError
 * (invalid) for a draft or a void one, not found.
 */
export async function voidFinalizedInvoice(ctx: OperationContext, id: string): Promise<void> {
  await inTurnOf(ctx, id, async (tx, { status }) => {
    if (status === "VOID") throw invalid(`Invoice ${id} is void already`, "id");
    await voidInvoice(tx, ctx, id, { billsAgain: false, withCorrections: false });
  });
}

/**
 * Makes a void invoice anew, from usage, rates and balances as they are now: another invoice of the
 * same period or instant, final at once (a draft where invoices are approved), told of and sent as
 * any. Answers its id. Throws AppError (invalid) when that cannot be, not found.
 */
export const regenerateInvoice = (ctx: OperationContext, id: string): Promise<string> =>
  inTurnOf(ctx, id, async (tx, invoice) => {
    await refuseRegeneration(tx, ctx, invoice);
    await deleteInvoicedItems(tx, id);
    const newId = await insertNextGeneration(tx, ctx, invoice);
    const waits = await finalizeInTurn(tx, ctx, {
      invoiceId: newId,
      customerId: invoice.customerId,
    });
    if (waits !== undefined && "notDueUntil" in waits) {
      throw invalid(
        `Invoice ${id} depends on others that are not final yet: regenerate it after ${waits.notDueUntil}`,
        "id",
      );
    }
    return newId;
  });

async function refuseRegeneration(
  tx: CoreTransaction,
  ctx: OperationContext,
  { id, status, imported, contractId, correctedInvoiceId }: InvoiceRecord,
): Promise<void> {
  if (status !== "VOID") {
    throw invalid(`Invoice ${id} is ${status}: only a void invoice is regenerated`, "id");
  }
  if (imported) {
    throw invalid(`Invoice ${id} was issued elsewhere: import it again instead`, "id");
  }
  if (correctedInvoiceId !== null) {
    throw invalid(`Invoice ${id} corrected ${correctedInvoiceId}: correct that one again`, "id");
  }
  if ((await findWorkflowOfInvoice(tx, id)) !== undefined) {
    throw invalid(`Invoice ${id} charged a purchase at once, which is not repeated`, "id");
  }
  const successor = await findSuccessorOf(tx, id);
  if (successor !== undefined) {
    throw invalid(`Invoice ${id} was regenerated already, as ${successor}`, "id");
  }
  const parties = await findInvoicingParties(tx, ctx.environment.id, contractId);
  if (parties === undefined || parties.archivedAt !== null) {
    throw invalid(`The contract of invoice ${id} is archived: it bills nothing more`, "id");
  }
}

async function insertNextGeneration(
  tx: CoreTransaction,
  ctx: OperationContext,
  invoice: InvoiceRecord,
): Promise<string> {
  const { contractId, customerId, type, creditTypeId, startAt, endAt, finalizeDueAt } = invoice;
  const startingAt = startAt ?? finalizeDueAt;
  assert(startingAt !== null, `invoice ${invoice.id} has a period or an instant`);
  const environmentId = ctx.environment.id;
  const generation = await nextGenerationOf(tx, invoice);
  const id = invoiceId({
    environmentId,
    contractId,
    type,
    startingAt: instant(startingAt),
    generation,
  });
  await upsertDrafts(tx, [
    {
      id,
      environmentId,
      customerId,
      contractId,
      type,
      creditTypeId,
      startAt,
      endAt,
      finalizeDueAt,
      generation,
      createdAt: instantText(ctx.now),
    },
  ]);
  await markRegenerated(tx, id, invoice.id);
  return id;
}
