import { instantText } from "../domain/time.ts";
import { conflict } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { hasOpenContracts, lockCustomer, updateCustomer } from "../store/customers.ts";
import type { OperationContext } from "./context.ts";

/**
 * Archives a customer for good; its aliases stay taken. Archiving it again changes nothing. One that
 * has contracts is refused: they decide about money and must be ended on purpose.
 */
export async function archiveCustomer(ctx: OperationContext, customerId: string): Promise<void> {
  await inTransaction(ctx.db, async (tx) => {
    const customer = await lockCustomer(tx, ctx.environment.id, customerId);
    if (customer.archivedAt !== null) return;
    if (await hasOpenContracts(tx, customerId)) {
      throw conflict("Archive the customer's contracts first.", "customer_has_contracts");
    }
    const archivedAt = instantText(ctx.now);
    await updateCustomer(tx, customerId, { updatedAt: archivedAt, archivedAt });
  });
}
