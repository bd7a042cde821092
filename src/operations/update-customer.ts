import { instantText } from "../domain/time.ts";
import { inTransaction } from "../platform/database/database.ts";
import { getCustomer, updateCustomer } from "../store/customers.ts";
import type { OperationContext } from "./context.ts";
import { toCustomerName } from "./customer-name.ts";
import { type CustomerDetail, loadCustomer } from "./load-customers.ts";
import { lockActiveCustomer } from "./lock-active-customer.ts";

/** Gives a customer another name; answers it as it is now. */
export async function renameCustomer(
  ctx: OperationContext,
  customerId: string,
  name: string,
): Promise<CustomerDetail> {
  return inTransaction(ctx.db, async (tx) => {
    await lockActiveCustomer(tx, ctx, customerId);
    await updateCustomer(tx, customerId, {
      updatedAt: instantText(ctx.now),
      name: toCustomerName(name),
    });
    const customer = await getCustomer(tx, ctx.environment.id, customerId);
    return loadCustomer(tx, ctx.environment.id, customer);
  });
}

/** Sets the customer's account id at Salesforce; null takes it away, undefined leaves it. */
export async function configureCustomer(
  ctx: OperationContext,
  customerId: string,
  { salesforceAccountId }: { readonly salesforceAccountId: string | null | undefined },
): Promise<void> {
  await inTransaction(ctx.db, async (tx) => {
    await lockActiveCustomer(tx, ctx, customerId);
    if (salesforceAccountId === undefined) return;
    await updateCustomer(tx, customerId, { updatedAt: instantText(ctx.now), salesforceAccountId });
  });
}
