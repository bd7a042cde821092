import type { ColumnType, Generated } from "kysely";
import type { InstantColumn, JsonColumn, Metadata, ObjectColumns } from "./foundation-tables.ts";
import type { CollectionMethod } from "./invoicing-tables.ts";
import type { JsonListColumn } from "./totals-tables.ts";

export type SubscriptionStatus =
  | "incomplete"
  | "incomplete_expired"
  | "trialing"
  | "active"
  | "past_due"
  | "unpaid"
  | "canceled"
  | "paused";

/** What becomes of the invoices of a subscription whose collection is paused. */
export type PauseBehavior = "keep_as_draft" | "mark_uncollectible" | "void";

export type TrialEndBehavior = "create_invoice" | "cancel" | "pause";

/** Why a subscription ended or is going to. */
export interface Cancellation {
  readonly comment: string | null;
  readonly feedback: string | null;
  readonly reason: "cancellation_requested" | "payment_failed" | null;
}

export interface SubscriptionsTable extends ObjectColumns {
  /** "clock_...": the test clock that it follows. */
  test_clock: ColumnType<string | null, string | null | undefined, never>;
  customer: string;
  status: SubscriptionStatus;
  currency: string;
  collection_method: CollectionMethod;
  days_until_due: number | null;
  /** Period boundaries are counted from here. */
  billing_cycle_anchor_at: InstantColumn;
  billing_mode: "classic" | "flexible";
  started_at: InstantColumn;
  current_period_start_at: InstantColumn;
  current_period_end_at: InstantColumn;
  trial_start_at: InstantColumn | null;
  trial_end_at: InstantColumn | null;
  /** What happens when a trial ends and nothing is there to pay with. */
  trial_end_behavior: TrialEndBehavior;
  cancel_at_period_end: boolean;
  cancel_at: InstantColumn | null;
  canceled_at: InstantColumn | null;
  ended_at: InstantColumn | null;
  cancellation: JsonColumn<Cancellation>;
  /** Canceled before its period was over: pending items are still billed at that period's end. */
  sweeps_items: boolean;
  default_payment_method: string | null;
  description: string | null;
  latest_invoice: string | null;
  /** What becomes of invoices while collection is paused; null: it is not. */
  pause_behavior: Generated<PauseBehavior | null>;
  pause_resumes_at: Generated<InstantColumn | null>;
  /** The end of the period whose renewal was told of ahead. */
  upcoming_told_at: Generated<InstantColumn | null>;
  metadata: JsonColumn<Metadata>;
  /** Ids, in order. */
  discounts: JsonListColumn<string>;
  default_tax_rates: JsonListColumn<string>;
}

export interface SubscriptionItemsTable extends ObjectColumns {
  subscription: string;
  price: string;
  quantity: bigint;
  metadata: JsonColumn<Metadata>;
  /** Ids, in order; none: those of the subscription. */
  discounts: JsonListColumn<string>;
  tax_rates: JsonListColumn<string>;
}

export interface SubscriptionTables {
  subscriptions: SubscriptionsTable;
  subscription_items: SubscriptionItemsTable;
}
