import { missing, refused } from "../errors.ts";
import type { Scope } from "../scope.ts";
import { toPaymentMethod } from "../serializers/to-payment-method.ts";
import { lockCustomer } from "../store/customers.ts";
import {
  findPaymentMethod,
  lockPaymentMethod,
  type PaymentMethodRow,
  updatePaymentMethod,
} from "../store/payment-methods.ts";
import { changeCustomer } from "./change-customer.ts";
import { recordEvent } from "./record-event.ts";

const notAttached = () =>
  refused(
    "invalid_argument",
    "The payment method you provided is not attached to a customer so detachment is impossible.",
  );

/** Takes a payment method from its customer, whose default it may have been. */
export async function detachPaymentMethod(scope: Scope, id: string): Promise<PaymentMethodRow> {
  const seen = await findPaymentMethod(scope, id);
  if (seen === undefined) throw missing("PaymentMethod", id);
  if (seen.customer === null) throw notAttached();
  // The customer first: everything that changes both locks them in this order.
  const customer = await lockCustomer(scope, seen.customer);
  const method = await lockPaymentMethod(scope, id);
  if (method.customer !== customer.id) throw notAttached();
  const detached = await updatePaymentMethod(scope, id, { customer: null });
  recordEvent(scope, {
    type: "payment_method.detached",
    object: toPaymentMethod(detached),
    previousAttributes: { customer: customer.id },
  });
  if (customer.default_payment_method === id) {
    await changeCustomer(scope, customer, { default_payment_method: null });
  }
  return detached;
}
