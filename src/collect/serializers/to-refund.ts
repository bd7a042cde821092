import type Stripe from "stripe";
import type { RefundRow } from "../store/refunds.ts";
import { toUnix, toWireAmount, type Wire } from "../wire.ts";

/** Money that went back, as Stripe's API shows it. */
export const toRefund = (row: RefundRow) =>
  ({
    id: row.id,
    object: "refund",
    amount: toWireAmount(row.amount_minor),
    balance_transaction: null,
    charge: row.charge,
    created: toUnix(row.created_at),
    currency: row.currency,
    customer: row.customer,
    customer_account: null,
    metadata: { ...row.metadata },
    payment_intent: row.payment_intent,
    payment_method: null,
    reason: row.reason,
    receipt_number: null,
    source_transfer_reversal: null,
    status: "succeeded",
    transfer_reversal: null,
  }) satisfies Wire<Stripe.Refund>;
