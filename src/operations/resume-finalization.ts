import type { CoreTransaction } from "../db/database.ts";
import { listDrafts, listDueDrafts } from "../store/draft-invoices.ts";
import { dueTimeOf, type InvoiceRecord } from "../store/invoices.ts";
import type { OperationContext } from "./context.ts";
import { enqueueFinalizations } from "./enqueue-finalization.ts";

/**
 * Asks again for every draft of a customer that has a due time: after a person approved or released
 * one, others that waited for it may go on too. Those that still wait are left as they are.
 */
export async function resumeFinalization(
  tx: CoreTransaction,
  ctx: OperationContext,
  customerId: string,
): Promise<void> {
  await enqueueFinalizations(tx, ctx, toDue(await listDrafts(tx, customerId)));
}

/** As resumeFinalization, of every customer of the environment: approval is not asked for any more. */
export async function resumeDueFinalizations(
  tx: CoreTransaction,
  ctx: OperationContext,
): Promise<void> {
  await enqueueFinalizations(tx, ctx, toDue(await listDueDrafts(tx, ctx.environment.id)));
}

const toDue = (drafts: readonly InvoiceRecord[]) =>
  drafts.flatMap((draft) => {
    const dueAt = dueTimeOf(draft);
    return dueAt === null ? [] : [{ id: draft.id, customerId: draft.customerId, dueAt }];
  });
