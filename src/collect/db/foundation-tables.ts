import type { ColumnType, Generated } from "kysely";
import type { KeyPermissions } from "../domain/key-permissions.ts";

/** A jsonb or json column: written as text, read as a value. */
export type JsonColumn<T> = ColumnType<T, string, string>;
/** timestamptz: ISO instant text both ways. */
export type InstantColumn = string;

export type Metadata = Readonly<Record<string, string>>;

/** Columns that every object of the API has. */
export interface ObjectColumns {
  id: string;
  account_id: string;
  livemode: boolean;
  created_at: InstantColumn;
}

export interface AccountsTable {
  id: string;
  created_at: InstantColumn;
  default_api_version: string;
  /** Unique among accounts. */
  name: string;
  /** The seller, as invoices and mails name it. */
  business_name: string | null;
  support_email: string | null;
  support_phone: string | null;
  support_url: string | null;
  /** Two letters. */
  country: string | null;
  address: JsonColumn<Address> | null;
  /** How to pay what is sent: printed on such invoices and mails. */
  payment_instructions: string | null;
  /** How long a draft that advances by itself waits. */
  invoice_grace_hours: Generated<number>;
  /** How long ahead of a renewal it is told of; 0: not at all. */
  upcoming_invoice_days: Generated<number>;
  /** For invoices and subscriptions that are sent and name no time; null: they must. */
  days_until_due: Generated<number | null>;
  /** Days from a failed automatic payment to the next try, one after the other. */
  subscription_retries: ColumnType<readonly number[], string | undefined, string>;
  /** What becomes of a subscription when the last try has failed. */
  subscription_retries_end: Generated<RetriesEnd>;
  invoice_number_scheme: Generated<InvoiceNumberScheme>;
  /** First part of the account's invoice numbers, under the scheme "account". */
  invoice_prefix: string | null;
  next_test_sequence: Generated<number>;
  next_live_sequence: Generated<number>;
}

export type RetriesEnd = "cancel" | "unpaid" | "leave_past_due";
export type InvoiceNumberScheme = "customer" | "account";

export interface SecretKeysTable {
  /** SHA-256 of the key, hex. */
  key_hash: string;
  id: string;
  account_id: string;
  livemode: boolean;
  created_at: InstantColumn;
  name: string | null;
  /** "sk_test_...a1b2": enough to recognise it. */
  masked: string;
  /** null: a secret key, which may do everything. */
  permissions: ColumnType<KeyPermissions | null, string | null | undefined, string | null>;
  /** The one that the server's own settings name. */
  is_configured: Generated<boolean>;
  /** On real time. */
  expires_at: InstantColumn | null;
  last_used_at: InstantColumn | null;
}

export interface IdempotencyKeysTable {
  account_id: string;
  livemode: boolean;
  key: string;
  request_hash: string;
  status: number;
  /** The reply as it was sent, byte for byte. */
  body: string;
  request_id: string;
  expires_at: InstantColumn;
}

export interface EventsTable extends ObjectColumns {
  type: string;
  api_version: string;
  /** The snapshot: `{ object, previous_attributes? }` as it was at the moment of the change. */
  data: JsonColumn<EventData>;
  request_id: string | null;
  idempotency_key: string | null;
  object_id: string;
}

export interface EventData {
  readonly object: Readonly<Record<string, unknown>>;
  readonly previous_attributes?: Readonly<Record<string, unknown>>;
}

export interface WebhookEndpointsTable extends ObjectColumns {
  url: string;
  description: string | null;
  secret: string;
  api_version: string | null;
  enabled_events: JsonColumn<readonly string[]>;
  metadata: JsonColumn<Metadata>;
  status: "enabled" | "disabled";
  /** Since when nothing got through; null after a success. */
  failing_since_at: InstantColumn | null;
}

export interface WebhookDeliveriesTable {
  id: Generated<bigint>;
  event_id: string;
  webhook_endpoint_id: string;
  state: "pending" | "delivered" | "failed";
  attempts: Generated<number>;
  last_status: number | null;
  last_error: string | null;
  delivered_at: InstantColumn | null;
  /** When it was promised, on the environment's clock. */
  promised_at: InstantColumn;
}

export interface CustomersTable extends ObjectColumns {
  deleted: Generated<boolean>;
  /** Minor units; negative = credit that is applied to the next invoice. */
  balance_minor: Generated<bigint>;
  /** Set by the first billing object; null until then. */
  currency: string | null;
  email: string | null;
  name: string | null;
  phone: string | null;
  description: string | null;
  address: JsonColumn<Address | null>;
  shipping: JsonColumn<Shipping | null>;
  metadata: JsonColumn<Metadata>;
  preferred_locales: JsonColumn<readonly string[]>;
  tax_exempt: "none" | "exempt" | "reverse";
  default_payment_method: string | null;
  invoice_footer: string | null;
  invoice_custom_fields: JsonColumn<readonly CustomField[] | null>;
  /** First part of the customer's invoice numbers: "AB12CD34-0001". */
  invoice_prefix: string;
  next_invoice_sequence: Generated<number>;
  /** Takes from all invoices of theirs, unless they have discounts of their own. */
  discount: ColumnType<StoredDiscount | null, string | null | undefined, string | null>;
  /** True while the latest automatic charge of an invoice of theirs has failed. */
  delinquent: Generated<boolean>;
  /** "clock_...": the test clock that it follows. */
  test_clock: ColumnType<string | null, string | null | undefined, never>;
}

/** A customer's discount: what of it is shown. */
export interface StoredDiscount {
  readonly id: string;
  readonly coupon: string;
  readonly startAt: string;
  readonly endAt: string | null;
}

export interface Address {
  readonly city: string | null;
  readonly country: string | null;
  readonly line1: string | null;
  readonly line2: string | null;
  readonly postal_code: string | null;
  readonly state: string | null;
}

export interface Shipping {
  readonly address: Address;
  readonly name: string;
  readonly phone: string | null;
}

export interface CustomField {
  readonly name: string;
  readonly value: string;
}

export interface CustomerBalanceTransactionsTable extends ObjectColumns {
  customer: string;
  /** Minor units; negative = credit granted. */
  amount_minor: bigint;
  ending_balance_minor: bigint;
  currency: string;
  type:
    | "adjustment"
    | "applied_to_invoice"
    | "credit_note"
    | "initial"
    | "invoice_overpaid"
    | "invoice_too_large"
    | "invoice_too_small"
    | "unapplied_from_invoice";
  invoice: string | null;
  credit_note: Generated<string | null>;
  description: string | null;
  metadata: JsonColumn<Metadata>;
}

export interface ProductsTable extends ObjectColumns {
  updated_at: InstantColumn;
  active: boolean;
  name: string;
  description: string | null;
  default_price: string | null;
  images: JsonColumn<readonly string[]>;
  marketing_features: JsonColumn<readonly { readonly name: string }[]>;
  metadata: JsonColumn<Metadata>;
  shippable: boolean | null;
  statement_descriptor: string | null;
  tax_code: string | null;
  type: "good" | "service";
  unit_label: string | null;
  url: string | null;
}

export type TaxBehavior = "exclusive" | "inclusive" | "unspecified";

export interface PricesTable extends ObjectColumns {
  /** A plan that was deleted: what is subscribed to it goes on. */
  deleted: Generated<boolean>;
  active: boolean;
  currency: string;
  product: string;
  /** Minor units, up to 12 decimals. */
  unit_amount: string;
  nickname: string | null;
  lookup_key: string | null;
  metadata: JsonColumn<Metadata>;
  tax_behavior: TaxBehavior;
  /** null = one-time price. */
  recurring_interval: "day" | "week" | "month" | "year" | null;
  recurring_interval_count: number | null;
  recurring_trial_period_days: number | null;
  transform_quantity: JsonColumn<TransformQuantity | null>;
}

export interface TransformQuantity {
  readonly divide_by: number;
  readonly round: "down" | "up";
}

export interface PaymentMethodsTable extends ObjectColumns {
  customer: string | null;
  /** Name of the row in domain/test-cards.ts that decides how charges end. */
  test_card: string;
  billing_details: JsonColumn<BillingDetails>;
  exp_month: number;
  exp_year: number;
  metadata: JsonColumn<Metadata>;
  allow_redisplay: "always" | "limited" | "unspecified";
}

export interface BillingDetails {
  readonly address: Address | null;
  readonly email: string | null;
  readonly name: string | null;
  readonly phone: string | null;
  readonly tax_id: string | null;
}

export interface FoundationTables {
  accounts: AccountsTable;
  secret_keys: SecretKeysTable;
  idempotency_keys: IdempotencyKeysTable;
  events: EventsTable;
  webhook_endpoints: WebhookEndpointsTable;
  webhook_deliveries: WebhookDeliveriesTable;
  customers: CustomersTable;
  customer_balance_transactions: CustomerBalanceTransactionsTable;
  products: ProductsTable;
  prices: PricesTable;
  payment_methods: PaymentMethodsTable;
}
