import type { CoreTransaction } from "../db/database.ts";
import { invalid } from "../errors.ts";
import { type Customer, lockCustomer } from "../store/customers.ts";
import type { OperationContext } from "./context.ts";

/**
 * The environment's customer, held until the transaction ends. Throws not_found, and invalid when it
 * was archived: nothing about an archived customer changes any more.
 */
export async function lockActiveCustomer(
  tx: CoreTransaction,
  ctx: OperationContext,
  id: string,
): Promise<Customer> {
  const customer = await lockCustomer(tx, ctx.environment.id, id);
  if (customer.archivedAt === null) return customer;
  throw invalid(`Customer ${id} is archived`, "customer_id", "customer_archived");
}
