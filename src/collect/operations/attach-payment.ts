import { faultPoint } from "../../platform/fault-points.ts";
import { assertAllowed } from "../domain/invoice-status.ts";
import { refused } from "../errors.ts";
import { newId } from "../ids.ts";
import type { Scope } from "../scope.ts";
import type { WireInvoice } from "../serializers/to-invoice.ts";
import { toInvoicePayment } from "../serializers/to-invoice-payment.ts";
import { insertBalanceTransaction } from "../store/balance-transactions.ts";
import { lockCharge } from "../store/charges.ts";
import { lockCustomerOrDeleted } from "../store/customers.ts";
import { insertInvoicePayment, listInvoicePayments } from "../store/invoice-payments.ts";
import { type InvoiceRow, lockInvoice, updateInvoice } from "../store/invoices.ts";
import { lockPaymentIntent } from "../store/payment-intents.ts";
import { lockPaymentRecord } from "../store/payment-records.ts";
import { changeCustomer, setDelinquent } from "./change-customer.ts";
import { finalizeDraft } from "./finalize-invoice.ts";
import { lowerPayment, remainingOf } from "./invoice-payment.ts";
import { type EventType, recordEvent } from "./record-event.ts";
import { recordInvoiceChange } from "./record-invoice-change.ts";
import { renderInvoice } from "./render-invoice.ts";
import { followSettled } from "./subscriptions/follow-invoice.ts";

/** A payment that stands by itself: a report of one made elsewhere, or an intent that succeeded. */
export type StandingPayment = { readonly record: string } | { readonly intent: string };

interface Received {
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly customer: string | null;
  readonly columns: {
    readonly payment_intent: string | null;
    readonly payment_record: string | null;
  };
}

const isAttached = async (scope: Scope, payment: StandingPayment): Promise<boolean> => {
  const filter =
    "record" in payment ? { paymentRecord: payment.record } : { paymentIntent: payment.intent };
  return (await listInvoicePayments(scope, { limit: 1 }, filter)).rows.length > 0;
};

/** Locks the payment and reads what arrived with it. Throws 400 when nothing did, or it is used. */
async function lockReceived(scope: Scope, payment: StandingPayment): Promise<Received> {
  const param = "record" in payment ? "payment_record" : "payment_intent";
  const received = await ("record" in payment
    ? readRecord(scope, payment.record)
    : readIntent(scope, payment.intent));
  if (received.amountMinor <= 0n) {
    throw refused("invalid_argument", "With this payment no money has arrived.", param);
  }
  if (await isAttached(scope, payment)) {
    throw refused("invalid_argument", "This payment is attached to an invoice already.", param);
  }
  return received;
}

async function readRecord(scope: Scope, id: string): Promise<Received> {
  const row = await lockPaymentRecord(scope, id, "payment_record");
  return {
    amountMinor: row.outcome === "guaranteed" ? row.requested_minor - row.refunded_minor : 0n,
    currency: row.currency,
    customer: row.customer,
    columns: { payment_intent: null, payment_record: id },
  };
}

async function readIntent(scope: Scope, id: string): Promise<Received> {
  const row = await lockPaymentIntent(scope, id, "payment_intent");
  const charge =
    row.status === "succeeded" && row.latest_charge !== null
      ? await lockCharge(scope, row.latest_charge)
      : undefined;
  return {
    amountMinor: charge === undefined ? 0n : charge.amount_minor - charge.refunded_minor,
    currency: row.currency,
    customer: row.customer,
    columns: { payment_intent: id, payment_record: null },
  };
}

function checkMatch(invoice: InvoiceRow, { currency, customer }: Received, param: string): void {
  if (currency !== invoice.currency) {
    throw refused("invalid_argument", `The invoice is in ${invoice.currency}.`, param);
  }
  if (customer !== null && customer !== invoice.customer) {
    throw refused("invalid_argument", "The payment is another customer's.", param);
  }
}

/**
 * Counts a payment that stands by itself towards an invoice: it stays open until it is covered, then it is
 * paid, and what arrived beyond that goes to the customer's balance (Stripe docs: Attach a payment to
 * an invoice). A draft is finalized first. Throws 400 when the payment cannot be used.
 */
export async function attachPayment(
  scope: Scope,
  id: string,
  payment: StandingPayment,
): Promise<WireInvoice> {
  const found = await lockInvoice(scope, id);
  assertAllowed("pay", found.status);
  const invoice =
    found.status === "draft"
      ? await finalizeDraft(scope, found, { autoAdvance: found.auto_advance, charge: false })
      : found;
  if (invoice.status === "paid") throw refused("invoice_not_editable", "Nothing is left to pay.");
  const received = await lockReceived(scope, payment);
  checkMatch(invoice, received, "record" in payment ? "payment_record" : "payment_intent");
  const before = await renderInvoice(scope, invoice);
  const { amountMinor, columns } = received;
  const row = await insertInvoicePayment(scope, {
    ...columns,
    id: newId("inpay"),
    invoice: id,
    is_default: false,
    amount_requested_minor: amountMinor,
    amount_paid_minor: amountMinor,
    currency: invoice.currency,
    status: "paid",
    paid_at: scope.nowAt,
    canceled_at: null,
  });
  recordEvent(scope, { type: "invoice_payment.paid", object: toInvoicePayment(row) });
  faultPoint("collect/attach/recorded");
  const counted = await countReceived(scope, invoice, amountMinor, "record" in payment);
  const isPaid = counted.status === "paid";
  const events = isPaid ? eventsOf(counted, payment) : [];
  const shown = await recordInvoiceChange(scope, before, counted, events);
  if (isPaid) {
    await setDelinquent(scope, counted.customer, false);
    await followSettled(scope, counted);
  }
  return shown;
}

/** What is told when a payment made an invoice paid. Only an intent is a payment that was attempted here. */
const eventsOf = (invoice: InvoiceRow, payment: StandingPayment): readonly EventType[] => [
  "invoice.paid",
  ...("intent" in payment ? (["invoice.payment_succeeded"] as const) : []),
  ...(invoice.amount_overpaid_minor > 0n ? (["invoice.overpaid"] as const) : []),
];

/** The invoice after an amount arrived. */
async function countReceived(
  scope: Scope,
  invoice: InvoiceRow,
  amountMinor: bigint,
  isElsewhere: boolean,
): Promise<InvoiceRow> {
  const left = remainingOf(invoice);
  const used = amountMinor < left ? amountMinor : left;
  const isPaid = used === left;
  if (amountMinor > used) await creditOverpaid(scope, invoice, amountMinor - used);
  const counted = await updateInvoice(scope, invoice.id, {
    amount_paid_minor: invoice.amount_paid_minor + used,
    amount_overpaid_minor: invoice.amount_overpaid_minor + (amountMinor - used),
    ...(isElsewhere ? { amount_off_minor: invoice.amount_off_minor + used } : {}),
    ...(isPaid
      ? {
          status: "paid",
          auto_advance: false,
          next_payment_attempt_at: null,
          paid_at: scope.nowAt,
        }
      : {}),
  });
  await lowerPayment(scope, counted);
  return counted;
}

async function creditOverpaid(scope: Scope, invoice: InvoiceRow, over: bigint): Promise<void> {
  const customer = await lockCustomerOrDeleted(scope, invoice.customer);
  const ending = customer.balance_minor - over;
  await changeCustomer(scope, customer, { balance_minor: ending });
  await insertBalanceTransaction(scope, {
    customer: customer.id,
    amountMinor: -over,
    endingBalanceMinor: ending,
    currency: invoice.currency,
    type: "invoice_overpaid",
    invoice: invoice.id,
  });
}
