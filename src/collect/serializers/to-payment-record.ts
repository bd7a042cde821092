import type Stripe from "stripe";
import type { PaymentRecordRow } from "../store/payment-records.ts";
import { toUnix, toWireAmount, type Wire } from "../wire.ts";

/** A payment that was made elsewhere as Stripe's API shows it. */
export function toPaymentRecord(row: PaymentRecordRow) {
  const money = (minor: bigint) => ({ currency: row.currency, value: toWireAmount(minor) });
  const when = (outcome: PaymentRecordRow["outcome"]) =>
    money(row.outcome === outcome ? row.requested_minor : 0n);
  return {
    id: row.id,
    object: "payment_record",
    amount: money(row.requested_minor),
    amount_authorized: when("guaranteed"),
    amount_canceled: when("canceled"),
    amount_failed: when("failed"),
    amount_guaranteed: when("guaranteed"),
    amount_refunded: money(row.refunded_minor),
    amount_requested: money(row.requested_minor),
    application: null,
    created: toUnix(row.created_at),
    customer_details: { customer: row.customer, ...row.customer_details },
    customer_presence: null,
    description: row.description,
    latest_payment_attempt_record: null,
    livemode: row.livemode,
    metadata: { ...row.metadata },
    payment_method_details: {
      billing_details: null,
      custom: { display_name: row.method_name ?? "", type: row.method_type },
      payment_method: null,
      type: "custom",
    },
    processor_details: {
      custom: { payment_reference: row.payment_reference },
      type: "custom",
    },
    reported_by: "self",
    shipping_details: null,
  } satisfies Wire<Stripe.PaymentRecord>;
}
