import { faultPoint } from "../../platform/fault-points.ts";
import type { PaymentError } from "../db/invoicing-tables.ts";
import { assertOpen, unexpectedState } from "../domain/intent-status.ts";
import { type CollectError, declined, refused } from "../errors.ts";
import type { Scope } from "../scope.ts";
import { toCharge } from "../serializers/to-charge.ts";
import { toPaymentIntent } from "../serializers/to-payment-intent.ts";
import {
  findInvoiceOfIntent,
  lockPaymentIntent,
  type PaymentIntentRow,
  updatePaymentIntent,
} from "../store/payment-intents.ts";
import type { PaymentMethodRow } from "../store/payment-methods.ts";
import { askProcessor, type ChargeFailure, failureOf, recordCharge } from "./charge-method.ts";
import { obtainPaymentMethod } from "./obtain-payment-method.ts";
import { recordEvent } from "./record-event.ts";

export interface Confirmation {
  /** undefined: the method that the payment names. */
  readonly paymentMethod: string | undefined;
  /** Nobody is there: a payment that asks for the payer is declined. */
  readonly offSession: boolean;
}

export interface PaymentResult {
  readonly intent: PaymentIntentRow;
  /** 402, for the caller; what was recorded about the attempt stays. */
  readonly refusal: CollectError | undefined;
}

/** A payment that belongs to no invoice, locked. Throws 404, and 400 for an invoice's. */
export async function lockOwnPayment(scope: Scope, id: string): Promise<PaymentIntentRow> {
  const intent = await lockPaymentIntent(scope, id);
  const invoice = await findInvoiceOfIntent(scope, id);
  if (invoice === undefined) return intent;
  throw unexpectedState(
    `This PaymentIntent belongs to the invoice ${invoice}. Pay or void the invoice instead.`,
  );
}

/** The method that pays, which is nobody's or the customer's. Throws 400 and 404. */
export async function takeMethod(
  scope: Scope,
  customer: string,
  id: string,
  offSession: boolean,
): Promise<PaymentMethodRow> {
  const method = await obtainPaymentMethod(scope, id, "payment_method");
  const isTheirs = method.customer === customer;
  if (isTheirs || (method.customer === null && !offSession)) return method;
  throw refused(
    "resource_missing",
    `The payment method ${id} must be attached to the customer ${customer}.`,
    "payment_method",
  );
}

/** Tries to take the money of a locked payment, once (Stripe docs: Confirm a PaymentIntent). */
export async function confirmPayment(
  scope: Scope,
  intent: PaymentIntentRow,
  { paymentMethod, offSession }: Confirmation,
): Promise<PaymentResult> {
  assertOpen("confirm", intent.status);
  const id = paymentMethod ?? intent.payment_method;
  if (id === null) {
    throw unexpectedState(
      "You cannot confirm this PaymentIntent because it's missing a payment method. Pass payment_method, or create the PaymentIntent with one.",
    );
  }
  const method = await takeMethod(scope, intent.customer, id, offSession);
  const outcome = askProcessor(scope, method);
  if (outcome.outcome === "needs_authentication" && !offSession) {
    return { intent: await askPayer(scope, intent, method), refusal: undefined };
  }
  const failure = failureOf(outcome);
  const charge = await recordCharge(scope, intent, method, failure);
  faultPoint("collect/payment/charged");
  if (failure !== undefined) return decline(scope, { intent, method, failure, charge });
  const row = await updatePaymentIntent(scope, intent.id, {
    status: "succeeded",
    payment_method: method.id,
    latest_charge: charge.id,
    last_payment_error: null,
  });
  recordEvent(scope, { type: "payment_intent.succeeded", object: toPaymentIntent(row) });
  recordEvent(scope, { type: "charge.succeeded", object: toCharge(charge) });
  return { intent: row, refusal: undefined };
}

async function askPayer(
  scope: Scope,
  intent: PaymentIntentRow,
  method: PaymentMethodRow,
): Promise<PaymentIntentRow> {
  const row = await updatePaymentIntent(scope, intent.id, {
    status: "requires_action",
    payment_method: method.id,
    last_payment_error: null,
  });
  const object = toPaymentIntent(row);
  recordEvent(scope, { type: "payment_intent.requires_action", object });
  return row;
}

interface Declined {
  readonly intent: PaymentIntentRow;
  readonly method: PaymentMethodRow;
  readonly failure: ChargeFailure;
  readonly charge: Awaited<ReturnType<typeof recordCharge>>;
}

/** The method that was declined is taken off: another try has to name one. */
async function decline(
  scope: Scope,
  { intent, failure, charge }: Declined,
): Promise<PaymentResult> {
  const { code, declineCode, message } = failure;
  const error: PaymentError = {
    type: "card_error",
    code,
    message,
    ...(declineCode === undefined ? {} : { decline_code: declineCode }),
    charge: charge.id,
  };
  const row = await updatePaymentIntent(scope, intent.id, {
    status: "requires_payment_method",
    payment_method: null,
    latest_charge: charge.id,
    last_payment_error: JSON.stringify(error),
  });
  const object = toPaymentIntent(row);
  recordEvent(scope, { type: "charge.failed", object: toCharge(charge) });
  recordEvent(scope, { type: "payment_intent.payment_failed", object });
  const extra = { payment_intent: object, charge: charge.id };
  const details = declineCode === undefined ? { extra } : { declineCode, extra };
  return { intent: row, refusal: declined(code, message, details) };
}
