import type { Scope } from "../scope.ts";
import { toCustomer } from "../serializers/to-customer.ts";
import { lockCustomer, updateCustomer } from "../store/customers.ts";
import { recordEvent } from "./record-event.ts";

/** Deletes a customer: invoices and the id stay readable, nothing more can be billed. Throws 404. */
export async function deleteCustomer(scope: Scope, id: string): Promise<void> {
  const customer = await lockCustomer(scope, id);
  await updateCustomer(scope, id, { deleted: true });
  await recordEvent(scope, { type: "customer.deleted", object: toCustomer(customer) });
}
