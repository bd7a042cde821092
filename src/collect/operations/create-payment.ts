import { randomBytes } from "node:crypto";
import type { AutomaticPaymentMethods } from "../db/invoicing-tables.ts";
import { minimumCharge } from "../domain/currencies.ts";
import { assertLineAmount } from "../domain/invoice-limits.ts";
import { refused } from "../errors.ts";
import { newId } from "../ids.ts";
import type { Scope } from "../scope.ts";
import { toPaymentIntent } from "../serializers/to-payment-intent.ts";
import { lockCustomer } from "../store/customers.ts";
import { insertPaymentIntent } from "../store/payment-intents.ts";
import { confirmPayment, type PaymentResult, takeMethod } from "./confirm-payment.ts";
import { recordEvent } from "./record-event.ts";

export interface PaymentRequest {
  readonly customer: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly paymentMethod: string | undefined;
  readonly description: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly automaticPaymentMethods: AutomaticPaymentMethods | undefined;
  readonly confirm: boolean;
  readonly offSession: boolean;
}

function assertAmount(amount: bigint, currency: string): void {
  const minimum = minimumCharge(currency);
  if (amount < minimum) {
    throw refused(
      "amount_too_small",
      `Amount must be at least ${minimum} in the smallest unit of ${currency}`,
      "amount",
    );
  }
  assertLineAmount(amount, currency, "amount");
}

/** Creates a payment, and with `confirm` tries to take its money in the same step. Throws 400 and 404. */
export async function createPayment(scope: Scope, request: PaymentRequest): Promise<PaymentResult> {
  const { customer, amountMinor, currency, paymentMethod, confirm, offSession } = request;
  assertAmount(amountMinor, currency);
  await lockCustomer(scope, customer, "customer");
  const method =
    paymentMethod === undefined
      ? undefined
      : await takeMethod(scope, customer, paymentMethod, offSession);
  const id = newId("pi");
  const intent = await insertPaymentIntent(scope, {
    id,
    customer,
    amount_minor: amountMinor,
    currency,
    status: method === undefined ? "requires_payment_method" : "requires_confirmation",
    payment_method: method?.id ?? null,
    client_secret: `${id}_secret_${randomBytes(16).toString("hex")}`,
    description: request.description ?? null,
    metadata: JSON.stringify(request.metadata),
    automatic_payment_methods:
      request.automaticPaymentMethods === undefined
        ? null
        : JSON.stringify(request.automaticPaymentMethods),
    latest_charge: null,
    last_payment_error: null,
    canceled_at: null,
    cancellation_reason: null,
  });
  recordEvent(scope, { type: "payment_intent.created", object: toPaymentIntent(intent) });
  if (!confirm) return { intent, refusal: undefined };
  return confirmPayment(scope, intent, { paymentMethod: undefined, offSession });
}
