import type { PaymentIntentsTable } from "../db/invoicing-tables.ts";
import { assertOpen } from "../domain/intent-status.ts";
import type { Scope } from "../scope.ts";
import { toPaymentIntent } from "../serializers/to-payment-intent.ts";
import { type PaymentIntentRow, updatePaymentIntent } from "../store/payment-intents.ts";
import { lockOwnPayment } from "./confirm-payment.ts";
import { recordEvent } from "./record-event.ts";

/** Cancels a payment that has not succeeded, for good. Throws 400 in any other state, and 404. */
export async function cancelOwnPayment(
  scope: Scope,
  id: string,
  reason: PaymentIntentsTable["cancellation_reason"],
): Promise<PaymentIntentRow> {
  const intent = await lockOwnPayment(scope, id);
  assertOpen("cancel", intent.status);
  const row = await updatePaymentIntent(scope, id, {
    status: "canceled",
    canceled_at: scope.nowAt,
    cancellation_reason: reason,
  });
  recordEvent(scope, { type: "payment_intent.canceled", object: toPaymentIntent(row) });
  return row;
}
