import type { Scope } from "../scope.ts";
import { toCustomer } from "../serializers/to-customer.ts";
import {
  type CustomerChanges,
  type CustomerRow,
  lockCustomerOrDeleted,
  updateCustomer,
} from "../store/customers.ts";
import { previousAttributes } from "./changes.ts";
import { recordEvent } from "./record-event.ts";

/** Changes a locked customer and records `customer.updated`, unless nothing that can be seen changed. */
export async function changeCustomer(
  scope: Scope,
  before: CustomerRow,
  changes: CustomerChanges,
): Promise<CustomerRow> {
  if (Object.keys(changes).length === 0) return before;
  const after = await updateCustomer(scope, before.id, changes);
  const object = toCustomer(after);
  const previous = previousAttributes(toCustomer(before), object);
  if (previous !== undefined) {
    recordEvent(scope, { type: "customer.updated", object, previousAttributes: previous });
  }
  return after;
}

/**
 * Says whether the latest of a customer's invoices to move on was left unpaid: a declined payment and a
 * passed due date set it, an invoice that is paid or given up unsets it (Stripe docs: The Customer
 * object, `delinquent`).
 */
export async function setDelinquent(
  scope: Scope,
  id: string,
  delinquent: boolean,
): Promise<CustomerRow> {
  return changeCustomer(scope, await lockCustomerOrDeleted(scope, id), { delinquent });
}
