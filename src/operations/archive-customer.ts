import { instantText } from "../domain/time.ts";
import { inTransaction } from "../platform/database/database.ts";
import { listOpenContractIds, lockCustomer, updateCustomer } from "../store/customers.ts";
import type { OperationContext } from "./context.ts";
import { closeContract } from "./end-contract.ts";

/**
 * Archives a customer for good, and its contracts with it: their drafts are gone, finalized invoices
 * stay. Its aliases stay taken. Archiving it again changes nothing.
 */
export async function archiveCustomer(ctx: OperationContext, customerId: string): Promise<void> {
  await inTransaction(ctx.db, async (tx) => {
    const customer = await lockCustomer(tx, ctx.environment.id, customerId);
    if (customer.archivedAt !== null) return;
    const archivedAt = instantText(ctx.now);
    for (const contractId of await listOpenContractIds(tx, customerId)) {
      await closeContract(tx, contractId, archivedAt);
    }
    await updateCustomer(tx, customerId, { updatedAt: archivedAt, archivedAt });
  });
}
