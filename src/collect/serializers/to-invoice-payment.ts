import type Stripe from "stripe";
import type { InvoicePaymentRow } from "../store/invoice-payments.ts";
import { toUnix, toUnixOrNull, toWireAmount, type Wire } from "../wire.ts";

/** A payment of an invoice as Stripe's API shows it. */
export const toInvoicePayment = (row: InvoicePaymentRow) =>
  ({
    id: row.id,
    object: "invoice_payment",
    amount_paid: row.amount_paid_minor === null ? null : toWireAmount(row.amount_paid_minor),
    amount_requested: toWireAmount(row.amount_requested_minor),
    created: toUnix(row.created_at),
    currency: row.currency,
    invoice: row.invoice,
    is_default: row.is_default,
    livemode: row.livemode,
    payment:
      row.payment_record === null
        ? { payment_intent: row.payment_intent ?? "", type: "payment_intent" }
        : { payment_record: row.payment_record, type: "payment_record" },
    status: row.status,
    status_transitions: {
      canceled_at: toUnixOrNull(row.canceled_at),
      paid_at: toUnixOrNull(row.paid_at),
    },
  }) satisfies Wire<Stripe.InvoicePayment>;
