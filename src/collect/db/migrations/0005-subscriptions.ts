import { sql } from "kysely";
import type { Migration } from "../../../platform/database/migrate.ts";

/*
 * Lines of a subscription are rows of invoice_items as well (`line_kind`), so that an invoice has one
 * set of lines; only "item" rows are invoice items to the API.
 */
const STATEMENTS: readonly string[] = [
  `create table collect.subscriptions (
    id collect.object_id primary key,
    account_id collect.object_id not null references collect.accounts,
    livemode boolean not null,
    created_at timestamptz not null,
    customer collect.object_id not null references collect.customers,
    status text not null check (status in ('incomplete', 'incomplete_expired', 'trialing', 'active',
      'past_due', 'unpaid', 'canceled', 'paused')),
    currency text not null,
    collection_method text not null check (collection_method in ('charge_automatically', 'send_invoice')),
    days_until_due integer,
    billing_cycle_anchor_at timestamptz not null,
    billing_mode text not null check (billing_mode in ('classic', 'flexible')),
    started_at timestamptz not null,
    current_period_start_at timestamptz not null,
    current_period_end_at timestamptz not null check (current_period_end_at > current_period_start_at),
    trial_start_at timestamptz,
    trial_end_at timestamptz,
    trial_end_behavior text not null check (trial_end_behavior in ('create_invoice', 'cancel', 'pause')),
    cancel_at_period_end boolean not null,
    cancel_at timestamptz,
    canceled_at timestamptz,
    ended_at timestamptz,
    cancellation jsonb not null,
    sweeps_items boolean not null,
    default_payment_method collect.object_id,
    description text,
    latest_invoice collect.object_id,
    metadata jsonb not null,
    check ((ended_at is not null) = (status in ('canceled', 'incomplete_expired'))))`,
  `create index subscriptions_newest
    on collect.subscriptions (account_id, livemode, created_at desc, id desc)`,
  `create index subscriptions_customer
    on collect.subscriptions (customer, created_at desc, id desc)`,
  `create index subscriptions_metadata on collect.subscriptions using gin (metadata jsonb_path_ops)`,
  `create table collect.subscription_items (
    id collect.object_id primary key,
    account_id collect.object_id not null references collect.accounts,
    livemode boolean not null,
    created_at timestamptz not null,
    subscription collect.object_id not null references collect.subscriptions,
    price collect.object_id not null references collect.prices,
    quantity bigint not null check (quantity >= 0),
    metadata jsonb not null,
    unique (subscription, price) deferrable initially deferred)`,
  `create index subscription_items_price on collect.subscription_items (price)`,
  `alter table collect.invoices
    add column subscription collect.object_id references collect.subscriptions,
    add column subscription_metadata jsonb,
    add column subscription_proration_at timestamptz`,
  `create index invoices_subscription
    on collect.invoices (subscription, created_at desc, id desc) where subscription is not null`,
  `alter table collect.invoice_items
    add column subscription collect.object_id references collect.subscriptions,
    add column subscription_item collect.object_id,
    add column line_kind text not null default 'item' check (line_kind in ('item', 'subscription')),
    add column proration boolean not null default false`,
];

/** Subscriptions, and what invoices and items know of them. */
export const subscriptions: Migration = {
  name: "collect-0005-subscriptions",
  async up(db) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
