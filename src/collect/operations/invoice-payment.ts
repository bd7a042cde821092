import { randomBytes } from "node:crypto";
import { assert } from "../../errors.ts";
import type { PaymentIntentsTable } from "../db/invoicing-tables.ts";
import { newId } from "../ids.ts";
import type { Scope } from "../scope.ts";
import { toInvoicePayment } from "../serializers/to-invoice-payment.ts";
import { toPaymentIntent } from "../serializers/to-payment-intent.ts";
import {
  findLivePayment,
  insertInvoicePayment,
  updateInvoicePayment,
} from "../store/invoice-payments.ts";
import type { InvoiceRow } from "../store/invoices.ts";
import { insertPaymentIntent, updatePaymentIntent } from "../store/payment-intents.ts";
import { recordEvent } from "./record-event.ts";

/** Opens the payment of a just finalized invoice: an intent over what is due. */
export async function openPayment(scope: Scope, invoice: InvoiceRow): Promise<void> {
  const left = remainingOf(invoice);
  const id = newId("pi");
  const intent = await insertPaymentIntent(scope, {
    id,
    customer: invoice.customer,
    amount_minor: left,
    currency: invoice.currency,
    status: "requires_payment_method",
    payment_method: null,
    client_secret: `${id}_secret_${randomBytes(16).toString("hex")}`,
    description: invoice.description,
    metadata: "{}",
    automatic_payment_methods: null,
    latest_charge: null,
    last_payment_error: null,
    canceled_at: null,
    cancellation_reason: null,
  });
  await insertInvoicePayment(scope, {
    id: newId("inpay"),
    invoice: invoice.id,
    payment_intent: id,
    amount_requested_minor: left,
    amount_paid_minor: null,
    currency: invoice.currency,
    status: "open",
    paid_at: null,
    canceled_at: null,
  });
  recordEvent(scope, { type: "payment_intent.created", object: toPaymentIntent(intent) });
}

/** Closes the payment of a locked invoice without money: it is void, or was paid elsewhere. */
export async function cancelPayment(
  scope: Scope,
  invoice: InvoiceRow,
  reason: NonNullable<PaymentIntentsTable["cancellation_reason"]>,
): Promise<void> {
  const live = await findLivePayment(scope, invoice.id);
  if (live === undefined) return;
  await updateInvoicePayment(scope, live.payment.id, {
    status: "canceled",
    canceled_at: scope.nowAt,
  });
  const intent = await updatePaymentIntent(scope, live.intent.id, {
    status: "canceled",
    canceled_at: scope.nowAt,
    cancellation_reason: reason,
  });
  recordEvent(scope, { type: "payment_intent.canceled", object: toPaymentIntent(intent) });
}

/**
 * Brings the payment of a locked invoice down to what is left to pay, after some of it was paid or
 * credited otherwise; nothing left: it is closed.
 */
export async function lowerPayment(scope: Scope, invoice: InvoiceRow): Promise<void> {
  const left = remainingOf(invoice);
  if (left <= 0n) return cancelPayment(scope, invoice, "abandoned");
  const live = await findLivePayment(scope, invoice.id);
  if (live === undefined) return openPayment(scope, invoice);
  await updateInvoicePayment(scope, live.payment.id, { amount_requested_minor: left });
  await updatePaymentIntent(scope, live.intent.id, { amount_minor: left });
}

/** What is left to pay of a finalized invoice. */
export function remainingOf(invoice: InvoiceRow): bigint {
  assert(invoice.amount_due_minor !== null, `invoice ${invoice.id} is finalized`);
  const left = invoice.amount_due_minor - invoice.amount_paid_minor;
  return left > 0n ? left : 0n;
}

/** Marks the payment of a locked invoice as received. */
export async function completePayment(scope: Scope, invoice: InvoiceRow): Promise<void> {
  const live = await findLivePayment(scope, invoice.id);
  assert(live !== undefined, `invoice ${invoice.id} has a payment`);
  const payment = await updateInvoicePayment(scope, live.payment.id, {
    status: "paid",
    amount_paid_minor: live.payment.amount_requested_minor,
    paid_at: scope.nowAt,
  });
  recordEvent(scope, { type: "invoice_payment.paid", object: toInvoicePayment(payment) });
}
