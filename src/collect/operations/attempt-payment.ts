import { assert } from "../../errors.ts";
import { faultPoint } from "../../platform/fault-points.ts";
import type { PaymentError } from "../db/invoicing-tables.ts";
import { type CollectError, declined } from "../errors.ts";
import type { Scope } from "../scope.ts";
import { toCharge } from "../serializers/to-charge.ts";
import { toPaymentIntent } from "../serializers/to-payment-intent.ts";
import type { ChargeRow } from "../store/charges.ts";
import { lockCustomerOrDeleted } from "../store/customers.ts";
import { findLivePayment } from "../store/invoice-payments.ts";
import type { InvoiceRow } from "../store/invoices.ts";
import { type PaymentIntentRow, updatePaymentIntent } from "../store/payment-intents.ts";
import { findPaymentMethod, type PaymentMethodRow } from "../store/payment-methods.ts";
import { getSubscription } from "../store/subscriptions.ts";
import { askProcessor, type ChargeFailure, failureOf, recordCharge } from "./charge-method.ts";
import { requireAttached } from "./obtain-payment-method.ts";
import { recordEvent } from "./record-event.ts";

/** What pays, when something else than the default is to. */
export interface PaymentChoice {
  /** A method of the customer's. */
  readonly paymentMethod?: string | undefined;
  /** Its owner is there and has approved the payment. */
  readonly isApproved?: boolean | undefined;
}

export type Attempt =
  | { readonly outcome: "succeeded" }
  | {
      readonly outcome: "failed";
      readonly needsAction: boolean;
      /** 402, for the caller who asked for the payment. */
      readonly refusal: CollectError;
    };

/**
 * Which method pays: the one asked for, else the invoice's, its subscription's, the customer's default. Throws 400
 * when the one asked for is not the customer's; undefined when there is none.
 */
async function choosePaymentMethod(
  scope: Scope,
  invoice: InvoiceRow,
  asked: string | undefined,
): Promise<PaymentMethodRow | undefined> {
  if (asked !== undefined) {
    return requireAttached(scope, invoice.customer, asked, "payment_method");
  }
  const customer = await lockCustomerOrDeleted(scope, invoice.customer);
  const subscription =
    invoice.subscription === null ? undefined : await getSubscription(scope, invoice.subscription);
  for (const id of [
    invoice.default_payment_method,
    subscription?.default_payment_method ?? null,
    customer.default_payment_method,
  ]) {
    const method = id === null ? undefined : await findPaymentMethod(scope, id);
    if (method?.customer === invoice.customer) return method;
  }
  return undefined;
}

const NO_METHOD: ChargeFailure = {
  code: "missing",
  message:
    "There is no default payment method set on this invoice or its customer. Set the customer's invoice_settings.default_payment_method, or the invoice's default_payment_method, or pass payment_method.",
};

/**
 * Tries to collect what a locked, finalized invoice asks for, and records the charge. The caller
 * changes the invoice by the outcome.
 */
export async function attemptPayment(
  scope: Scope,
  invoice: InvoiceRow,
  { paymentMethod: asked, isApproved = false }: PaymentChoice,
): Promise<Attempt> {
  const live = await findLivePayment(scope, invoice.id);
  assert(live !== undefined, `invoice ${invoice.id} has an open payment`);
  const method = await choosePaymentMethod(scope, invoice, asked);
  if (method === undefined) return recordFailure(scope, live.intent, NO_METHOD, undefined, false);
  const outcome = askProcessor(scope, method);
  const isSettled = isApproved && outcome.outcome === "needs_authentication";
  const failure = isSettled ? undefined : failureOf(outcome);
  const made = await recordCharge(scope, live.intent, method, failure);
  faultPoint("collect/pay/charged");
  if (failure !== undefined) {
    const needsAction = outcome.outcome === "needs_authentication";
    return recordFailure(scope, live.intent, failure, made, needsAction);
  }
  const intent = await updatePaymentIntent(scope, live.intent.id, {
    status: "succeeded",
    payment_method: method.id,
    latest_charge: made.id,
    last_payment_error: null,
  });
  recordEvent(scope, { type: "payment_intent.succeeded", object: toPaymentIntent(intent) });
  recordEvent(scope, { type: "charge.succeeded", object: toCharge(made) });
  return { outcome: "succeeded" };
}

async function recordFailure(
  scope: Scope,
  intent: PaymentIntentRow,
  failure: ChargeFailure,
  made: ChargeRow | undefined,
  needsAction: boolean,
): Promise<Attempt> {
  const error: PaymentError = {
    type: "card_error",
    code: failure.code,
    message: failure.message,
    ...(failure.declineCode === undefined ? {} : { decline_code: failure.declineCode }),
    ...(made === undefined ? {} : { charge: made.id }),
  };
  const row = await updatePaymentIntent(scope, intent.id, {
    status: needsAction ? "requires_action" : "requires_payment_method",
    last_payment_error: JSON.stringify(error),
    ...(made === undefined ? {} : { latest_charge: made.id }),
    // Whoever approves the payment approves it with this method.
    ...(made !== undefined && needsAction ? { payment_method: made.payment_method } : {}),
  });
  if (made !== undefined) {
    recordEvent(scope, { type: "charge.failed", object: toCharge(made) });
  }
  const object = toPaymentIntent(row);
  recordEvent(scope, { type: "payment_intent.payment_failed", object });
  return {
    outcome: "failed",
    needsAction,
    refusal: declined(failure.code, failure.message, {
      ...(failure.declineCode === undefined ? {} : { declineCode: failure.declineCode }),
      extra: { payment_intent: object, ...(made === undefined ? {} : { charge: made.id }) },
    }),
  };
}
