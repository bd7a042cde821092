import type Stripe from "stripe";
import type { PaymentIntentRow } from "../store/payment-intents.ts";
import { toUnix, toUnixOrNull, toWireAmount, type Wire } from "../wire.ts";

/** Only the payer in person can go on, and there is nobody in person here. */
const toNextAction = ({ status }: PaymentIntentRow) =>
  status === "requires_action" ? { type: "use_stripe_sdk", use_stripe_sdk: {} } : null;

/** A payment intent as Stripe's API shows it. */
export const toPaymentIntent = (row: PaymentIntentRow) =>
  ({
    id: row.id,
    object: "payment_intent",
    allowed_payment_method_types: null,
    amount: toWireAmount(row.amount_minor),
    amount_capturable: 0,
    amount_received: row.status === "succeeded" ? toWireAmount(row.amount_minor) : 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: row.automatic_payment_methods,
    canceled_at: toUnixOrNull(row.canceled_at),
    cancellation_reason: row.cancellation_reason,
    capture_method: "automatic",
    client_secret: row.client_secret,
    confirmation_method: "automatic",
    created: toUnix(row.created_at),
    currency: row.currency,
    customer: row.customer,
    customer_account: null,
    description: row.description,
    excluded_payment_method_types: null,
    last_payment_error: row.last_payment_error,
    latest_charge: row.latest_charge,
    livemode: row.livemode,
    managed_payments: null,
    metadata: row.metadata,
    next_action: toNextAction(row),
    on_behalf_of: null,
    payment_method: row.payment_method,
    payment_method_configuration_details: null,
    payment_method_options: null,
    payment_method_types: ["card"],
    payment_record: null,
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: null,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: row.status,
    transfer_group: null,
  }) satisfies Wire<Stripe.PaymentIntent>;
