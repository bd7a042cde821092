import { inTransaction } from "../platform/database/database.ts";
import type { OperationContext } from "./context.ts";
import { type CustomerRequest, createCustomer } from "./create-customer.ts";
import type { CustomerDetail } from "./load-customers.ts";

/** Creates a customer and the contract that `addContract` gives it, or nothing at all. */
export async function createCustomerWithContract(
  ctx: OperationContext,
  request: CustomerRequest,
  addContract: (ctx: OperationContext, customerId: string) => Promise<string>,
): Promise<{ customer: CustomerDetail; contractId: string }> {
  return inTransaction(ctx.db, async (tx) => {
    const scope = { ...ctx, db: tx };
    const customer = await createCustomer(scope, request);
    return { customer, contractId: await addContract(scope, customer.id) };
  });
}
