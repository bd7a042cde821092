import type { CoreTransaction } from "../db/database.ts";
import { instantText } from "../domain/time.ts";
import { inTransaction } from "../platform/database/database.ts";
import { listOpenContractIds, lockCustomer, updateCustomer } from "../store/customers.ts";
import { takeInvoicingTurn } from "../store/freeze-invoice.ts";
import { listFinalizedInvoiceIdsOf } from "../store/void-invoice.ts";
import type { OperationContext } from "./context.ts";
import { closeContract } from "./end-contract.ts";
import { voidInvoice } from "./void-invoice.ts";
import { watchLifecycle } from "./watch-lifecycle.ts";

/**
 * Archives a customer for good, for one that should not have been (Metronome API: "Archive a
 * customer"): its contracts are archived, their drafts are gone, its finalized invoices are void here
 * and stay at the provider. Its aliases stay taken. Archiving it again changes nothing.
 */
export async function archiveCustomer(ctx: OperationContext, customerId: string): Promise<void> {
  await inTransaction(
    ctx.db,
    async (tx) => {
      const customer = await lockCustomer(tx, ctx.environment.id, customerId);
      if (customer.archivedAt !== null) return;
      await takeInvoicingTurn(tx, customerId);
      await watchLifecycle(tx, ctx, customerId, () => close(tx, ctx, customerId));
    },
    { oneSnapshot: true },
  );
}

async function close(
  tx: CoreTransaction,
  ctx: OperationContext,
  customerId: string,
): Promise<void> {
  const archivedAt = instantText(ctx.now);
  for (const contractId of await listOpenContractIds(tx, customerId)) {
    await closeContract(tx, ctx, contractId, archivedAt);
  }
  for (const id of await listFinalizedInvoiceIdsOf(tx, customerId)) {
    await voidInvoice(tx, ctx, id);
  }
  await updateCustomer(tx, customerId, { updatedAt: archivedAt, archivedAt });
}
