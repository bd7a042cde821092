import { faultPoint } from "../../platform/fault-points.ts";
import type { RefundReason } from "../db/money-tables.ts";
import { refused } from "../errors.ts";
import { newId } from "../ids.ts";
import type { Scope } from "../scope.ts";
import { toCharge } from "../serializers/to-charge.ts";
import { toRefund } from "../serializers/to-refund.ts";
import { addRefunded, lockCharge } from "../store/charges.ts";
import { lockPaymentIntent } from "../store/payment-intents.ts";
import { insertRefund, type RefundRow } from "../store/refunds.ts";
import { recordEvent } from "./record-event.ts";

export interface RefundRequest {
  /** One of these. */
  readonly charge?: string | undefined;
  readonly paymentIntent?: string | undefined;
  /** undefined: all that is left. */
  readonly amountMinor?: bigint | undefined;
  readonly reason?: RefundReason | undefined;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The charge that a request names, or the one that a payment succeeded with. Throws 400, 404. */
async function findCharge(scope: Scope, { charge, paymentIntent }: RefundRequest): Promise<string> {
  if (charge !== undefined) return charge;
  if (paymentIntent === undefined) {
    throw refused(
      "parameter_missing",
      "One of the following params should be provided for this request: payment_intent or charge.",
      "payment_intent",
    );
  }
  const intent = await lockPaymentIntent(scope, paymentIntent, "payment_intent");
  if (intent.status === "succeeded" && intent.latest_charge !== null) return intent.latest_charge;
  throw refused(
    "invalid_argument",
    `This PaymentIntent (${paymentIntent}) does not have a successful charge to refund.`,
    "payment_intent",
  );
}

/**
 * Gives money of a charge back, all that is left or a part (Stripe docs: Refunds). Throws 400
 * `charge_already_refunded` when nothing is left, and for more than is left.
 */
export async function refundCharge(scope: Scope, request: RefundRequest): Promise<RefundRow> {
  const id = await findCharge(scope, request);
  const param = request.charge === undefined ? "payment_intent" : "charge";
  const charge = await lockCharge(scope, id, param);
  if (charge.status !== "succeeded") {
    throw refused("charge_not_refundable", `Charge ${id} did not succeed.`, param);
  }
  const left = charge.amount_minor - charge.refunded_minor;
  if (left === 0n) {
    throw refused("charge_already_refunded", `Charge ${id} has already been refunded.`);
  }
  const amountMinor = request.amountMinor ?? left;
  if (amountMinor > left) {
    throw refused(
      "invalid_argument",
      `Refund amount (${amountMinor}) is greater than unrefunded amount on charge (${left})`,
      "amount",
    );
  }
  const row = await insertRefund(scope, {
    id: newId("re"),
    charge: id,
    payment_intent: charge.payment_intent,
    customer: charge.customer,
    amount_minor: amountMinor,
    currency: charge.currency,
    reason: request.reason ?? null,
    metadata: JSON.stringify(request.metadata),
  });
  faultPoint("collect/refund/made");
  const after = await addRefunded(scope, id, amountMinor);
  recordEvent(scope, { type: "refund.created", object: toRefund(row) });
  recordEvent(scope, {
    type: "charge.refunded",
    object: toCharge(after),
    previousAttributes: {
      amount_refunded: toCharge(charge).amount_refunded,
      ...(toCharge(after).refunded ? { refunded: false } : {}),
    },
  });
  return row;
}
