import { sql } from "kysely";
import type { Migration } from "../../../platform/database/migrate.ts";

/*
 * Holders (customers, subscriptions, their items, invoices, invoice items) name their discounts and
 * tax rates by id, in order. What a line's discounts and taxes came to is stored with it.
 */
const STATEMENTS: readonly string[] = [
  `create table collect.coupons (
    id collect.object_id not null,
    account_id collect.object_id not null references collect.accounts,
    livemode boolean not null,
    created_at timestamptz not null,
    deleted boolean not null default false,
    name text,
    percent_off numeric check (percent_off > 0 and percent_off <= 100),
    amount_off_minor bigint check (amount_off_minor > 0),
    currency text,
    duration text not null check (duration in ('once', 'repeating', 'forever')),
    duration_in_months integer,
    max_redemptions integer,
    redeem_by_at timestamptz,
    applies_to_products jsonb,
    times_redeemed integer not null default 0,
    metadata jsonb not null,
    primary key (account_id, livemode, id),
    check ((percent_off is null) <> (amount_off_minor is null)),
    check ((amount_off_minor is null) = (currency is null)),
    check ((duration = 'repeating') = (duration_in_months is not null)))`,
  `create index coupons_newest on collect.coupons (account_id, livemode, created_at desc, id desc)`,
  `create table collect.discounts (
    id collect.object_id primary key,
    account_id collect.object_id not null references collect.accounts,
    livemode boolean not null,
    created_at timestamptz not null,
    coupon collect.object_id not null,
    customer collect.object_id not null references collect.customers,
    subscription collect.object_id,
    subscription_item collect.object_id,
    invoice collect.object_id,
    invoice_item collect.object_id,
    end_at timestamptz,
    foreign key (account_id, livemode, coupon) references collect.coupons (account_id, livemode, id))`,
  `create index discounts_coupon on collect.discounts (account_id, livemode, coupon)`,
  `create table collect.tax_rates (
    id collect.object_id primary key,
    account_id collect.object_id not null references collect.accounts,
    livemode boolean not null,
    created_at timestamptz not null,
    active boolean not null,
    display_name text not null,
    description text,
    inclusive boolean not null,
    percentage numeric not null check (percentage >= 0 and percentage <= 100),
    country text,
    state text,
    jurisdiction text,
    jurisdiction_level text,
    tax_type text,
    metadata jsonb not null)`,
  `create index tax_rates_newest
    on collect.tax_rates (account_id, livemode, created_at desc, id desc)`,
  // As it is rendered: a customer is shown often, and its discount never changes.
  `alter table collect.customers add column discount jsonb`,
  `alter table collect.subscriptions
    add column discounts jsonb not null default '[]',
    add column default_tax_rates jsonb not null default '[]'`,
  `alter table collect.subscription_items
    add column discounts jsonb not null default '[]',
    add column tax_rates jsonb not null default '[]'`,
  `alter table collect.invoices
    add column discounts jsonb not null default '[]',
    add column default_tax_rates jsonb not null default '[]',
    add column subtotal_minor bigint not null default 0,
    add column subtotal_excluding_tax_minor bigint not null default 0,
    add column total_excluding_tax_minor bigint not null default 0,
    add column discount_amounts jsonb not null default '[]',
    add column taxes jsonb not null default '[]'`,
  `update collect.invoices set subtotal_minor = total_minor,
    subtotal_excluding_tax_minor = total_minor, total_excluding_tax_minor = total_minor`,
  `alter table collect.invoice_items
    add column discounts jsonb not null default '[]',
    add column tax_rates jsonb not null default '[]',
    add column fixed_taxes jsonb,
    add column discount_amounts jsonb not null default '[]',
    add column taxes jsonb not null default '[]'`,
];

/** Coupons, discounts and tax rates, and what they make of invoices. */
export const totals: Migration = {
  name: "collect-0006-totals",
  async up(db) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
