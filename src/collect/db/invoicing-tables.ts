import type { ColumnType, Generated } from "kysely";
import type { IntentStatus } from "../domain/intent-status.ts";
import type { InvoiceStatus } from "../domain/invoice-status.ts";
import type {
  Address,
  CustomField,
  InstantColumn,
  JsonColumn,
  Metadata,
  ObjectColumns,
  Shipping,
} from "./foundation-tables.ts";
import type { JsonListColumn, StoredDiscountAmount, StoredTax } from "./totals-tables.ts";

export type CollectionMethod = "charge_automatically" | "send_invoice";

/** Why an invoice was made. */
export type BillingReason =
  | "manual"
  | "subscription_create"
  | "subscription_cycle"
  | "subscription_update";

/** What an invoice says about its customer, frozen when it is finalized. */
export interface BilledTo {
  readonly address: Address | null;
  readonly email: string | null;
  readonly name: string | null;
  readonly phone: string | null;
  readonly shipping: Shipping | null;
  readonly taxExempt: "none" | "exempt" | "reverse";
}

export interface InvoicesTable extends ObjectColumns {
  customer: string;
  status: InvoiceStatus;
  currency: string;
  collection_method: CollectionMethod;
  auto_advance: boolean;
  automatically_finalizes_at: InstantColumn | null;
  /** That time was asked for: what becomes of webhooks does not move it. */
  finalization_is_fixed: Generated<boolean>;
  /** When it was told that the due date has passed. */
  overdue_told_at: Generated<InstantColumn | null>;
  billing_reason: BillingReason;
  /** The subscription it bills; its metadata as they were then; the time of the prorations it bills. */
  subscription: string | null;
  subscription_metadata: JsonColumn<Metadata> | null;
  subscription_proration_at: InstantColumn | null;
  number: string | null;
  description: string | null;
  footer: string | null;
  statement_descriptor: string | null;
  custom_fields: JsonColumn<readonly CustomField[]> | null;
  metadata: JsonColumn<Metadata>;
  default_payment_method: string | null;
  days_until_due: number | null;
  due_at: InstantColumn | null;
  effective_at: InstantColumn | null;
  period_start_at: InstantColumn;
  period_end_at: InstantColumn;
  /** Lines now on it; `last_position` also counts those that were removed. */
  line_count: Generated<number>;
  last_position: Generated<number>;
  /** Ids, in order. */
  discounts: JsonListColumn<string>;
  /** Tax that a tax app is to put on its lines, without which it is not finalized. */
  automatic_tax: Generated<boolean>;
  /** Of the lines that name none. */
  default_tax_rates: JsonListColumn<string>;
  subtotal_minor: Generated<bigint>;
  subtotal_excluding_tax_minor: Generated<bigint>;
  total_excluding_tax_minor: Generated<bigint>;
  total_minor: Generated<bigint>;
  discount_amounts: JsonListColumn<StoredDiscountAmount>;
  taxes: JsonListColumn<StoredTax>;
  starting_balance_minor: bigint | null;
  ending_balance_minor: bigint | null;
  amount_due_minor: bigint | null;
  amount_paid_minor: Generated<bigint>;
  paid_out_of_band: Generated<boolean>;
  /** What arrived beyond what was due; it is on the customer's balance. */
  amount_overpaid_minor: Generated<bigint>;
  /** What of the paid amount was received elsewhere. */
  amount_off_minor: Generated<bigint>;
  /** Credit notes that lowered what was to be paid, and those that came after payment. */
  credited_before_minor: Generated<bigint>;
  credited_after_minor: Generated<bigint>;
  next_note_sequence: Generated<number>;
  /** What makes the link to its page unguessable; given at finalization. */
  link_token: Generated<string | null>;
  attempted: Generated<boolean>;
  attempt_count: Generated<number>;
  next_payment_attempt_at: InstantColumn | null;
  finalized_at: InstantColumn | null;
  paid_at: InstantColumn | null;
  voided_at: InstantColumn | null;
  marked_uncollectible_at: InstantColumn | null;
  billed_to: JsonColumn<BilledTo> | null;
  last_finalization_error: JsonColumn<FinalizationError> | null;
  webhooks_delivered_at: InstantColumn | null;
}

/** Why the automatic finalization of a draft failed. */
export interface FinalizationError {
  readonly type: "invalid_request_error";
  readonly code: string;
  readonly message: string;
}

/** An item and, once it is on an invoice, its line: one row, so it cannot be on two. */
export interface InvoiceItemsTable extends ObjectColumns {
  /** "clock_...": the test clock that it follows. */
  test_clock: ColumnType<string | null, string | null | undefined, never>;
  customer: string;
  /** "il_...": the id it has as a line. */
  line_id: string;
  /** null = pending. */
  invoice: string | null;
  /** Order on the invoice; null while pending. */
  position: number | null;
  /** True when it was pending before it came onto its invoice: it is pending again if that is deleted. */
  was_pending: boolean;
  currency: string;
  amount_minor: bigint;
  /** Minor units with fractions; null when the amount was given as a whole. */
  unit_amount: string | null;
  quantity: string;
  price: string | null;
  product: string | null;
  description: string | null;
  discountable: boolean;
  metadata: JsonColumn<Metadata>;
  /** "subscription": a line of a subscription's own; it is no invoice item to the API. */
  line_kind: Generated<"item" | "subscription">;
  /** The subscription that it belongs to; other subscriptions' invoices leave a pending item alone. */
  subscription: string | null;
  subscription_item: string | null;
  /** What a change in the middle of a period gives back or costs. */
  proration: Generated<boolean>;
  /** Ids of its own, in order. */
  discounts: JsonListColumn<string>;
  tax_rates: JsonListColumn<string>;
  /** Taxes that were computed elsewhere. */
  fixed_taxes: ColumnType<readonly StoredTax[] | null, string | null | undefined, string | null>;
  /** What its discounts and taxes came to when its invoice was last computed. */
  discount_amounts: JsonListColumn<StoredDiscountAmount>;
  taxes: JsonListColumn<StoredTax>;
  period_start_at: InstantColumn;
  period_end_at: InstantColumn;
}

export interface PaymentIntentsTable extends ObjectColumns {
  customer: string;
  amount_minor: bigint;
  currency: string;
  status: IntentStatus;
  payment_method: string | null;
  client_secret: string;
  description: string | null;
  latest_charge: string | null;
  last_payment_error: JsonColumn<PaymentError> | null;
  canceled_at: InstantColumn | null;
  cancellation_reason:
    | "void_invoice"
    | "abandoned"
    | "duplicate"
    | "fraudulent"
    | "requested_by_customer"
    | null;
  metadata: JsonColumn<Metadata>;
  /** As it was asked for; null: it was not. */
  automatic_payment_methods: JsonColumn<AutomaticPaymentMethods> | null;
}

export interface AutomaticPaymentMethods {
  readonly enabled: boolean;
  readonly allow_redirects: "always" | "never";
}

/** Why the latest attempt failed, in the words of Stripe's errors. */
export interface PaymentError {
  readonly type: "card_error" | "invalid_request_error";
  readonly code: string;
  readonly decline_code?: string;
  readonly message: string;
  readonly charge?: string;
}

export interface ChargesTable extends ObjectColumns {
  customer: string;
  payment_intent: string;
  payment_method: string;
  amount_minor: bigint;
  currency: string;
  status: "succeeded" | "failed";
  description: string | null;
  failure_code: string | null;
  decline_code: string | null;
  failure_message: string | null;
  refunded_minor: Generated<bigint>;
}

export interface InvoicePaymentsTable extends ObjectColumns {
  invoice: string;
  /** One of these. */
  payment_intent: string | null;
  payment_record: Generated<string | null>;
  /** The one that the invoice opened for itself when it was finalized. */
  is_default: Generated<boolean>;
  amount_requested_minor: bigint;
  amount_paid_minor: bigint | null;
  currency: string;
  status: "open" | "paid" | "canceled";
  paid_at: InstantColumn | null;
  canceled_at: InstantColumn | null;
}

export interface InvoicingTables {
  invoices: InvoicesTable;
  invoice_items: InvoiceItemsTable;
  payment_intents: PaymentIntentsTable;
  charges: ChargesTable;
  invoice_payments: InvoicePaymentsTable;
}
