import { findTestCard } from "../domain/test-cards.ts";
import { refused } from "../errors.ts";
import type { Scope } from "../scope.ts";
import { toPaymentMethod } from "../serializers/to-payment-method.ts";
import type { CustomerRow } from "../store/customers.ts";
import { type PaymentMethodRow, updatePaymentMethod } from "../store/payment-methods.ts";
import { assertAttachable, obtainPaymentMethod } from "./obtain-payment-method.ts";
import { recordEvent } from "./record-event.ts";

/**
 * Keeps a payment method for a locked customer. Doing it again changes nothing. Throws 402 when the
 * card is declined already for this, 400 when it belongs to somebody else.
 */
export async function attachPaymentMethod(
  scope: Scope,
  customer: CustomerRow,
  id: string,
  param = "id",
): Promise<PaymentMethodRow> {
  const method = await obtainPaymentMethod(scope, id, param);
  if (method.customer === customer.id) return method;
  if (method.customer !== null) {
    throw refused(
      "invalid_argument",
      "The payment method you provided has already been attached to a customer.",
      param,
    );
  }
  const card = findTestCard(method.test_card);
  if (card !== undefined) assertAttachable(card);
  const attached = await updatePaymentMethod(scope, method.id, { customer: customer.id });
  recordEvent(scope, { type: "payment_method.attached", object: toPaymentMethod(attached) });
  return attached;
}
