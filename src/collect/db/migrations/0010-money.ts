import { sql } from "kysely";
import type { Migration } from "../../../platform/database/migrate.ts";

const STATEMENTS: readonly string[] = [
  `create table collect.payment_records (
    id collect.object_id primary key,
    account_id collect.object_id not null references collect.accounts,
    livemode boolean not null,
    created_at timestamptz not null,
    customer collect.object_id references collect.customers,
    currency text not null,
    requested_minor bigint not null check (requested_minor > 0),
    initiated_at timestamptz not null,
    ended_at timestamptz,
    outcome text check (outcome in ('guaranteed', 'failed', 'canceled')),
    refunded_minor bigint not null default 0
      check (refunded_minor >= 0 and refunded_minor <= requested_minor),
    description text,
    customer_details jsonb not null,
    method_name text,
    method_type text,
    payment_reference text,
    metadata jsonb not null)`,
  `create index payment_records_newest
    on collect.payment_records (account_id, livemode, created_at desc, id desc)`,
  `alter table collect.invoice_payments
    alter column payment_intent drop not null,
    add column payment_record collect.object_id unique references collect.payment_records,
    add column is_default boolean not null default true,
    add check ((payment_intent is null) <> (payment_record is null))`,
  `drop index collect.invoice_payments_one_live`,
  `create unique index invoice_payments_one_live on collect.invoice_payments (invoice)
    where is_default and status <> 'canceled'`,
  `alter table collect.invoices
    add column amount_overpaid_minor bigint not null default 0,
    add column amount_off_minor bigint not null default 0,
    add column credited_before_minor bigint not null default 0,
    add column credited_after_minor bigint not null default 0,
    add column next_note_sequence integer not null default 1,
    add column link_token text unique`,
  // Links must not be guessed: two random ids make 244 bits of chance.
  `update collect.invoices set link_token = replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '')
    where finalized_at is not null`,
  `update collect.invoices set amount_off_minor = amount_paid_minor where paid_out_of_band`,
  `create table collect.refunds (
    id collect.object_id primary key,
    account_id collect.object_id not null references collect.accounts,
    livemode boolean not null,
    created_at timestamptz not null,
    charge collect.object_id not null references collect.charges,
    payment_intent collect.object_id not null references collect.payment_intents,
    customer collect.object_id not null references collect.customers,
    amount_minor bigint not null check (amount_minor > 0),
    currency text not null,
    reason text,
    metadata jsonb not null)`,
  `create index refunds_newest on collect.refunds (account_id, livemode, created_at desc, id desc)`,
  `create index refunds_charge on collect.refunds (charge)`,
  `alter table collect.charges add column refunded_minor bigint not null default 0
    check (refunded_minor >= 0 and refunded_minor <= amount_minor)`,
  `create table collect.credit_notes (
    id collect.object_id primary key,
    account_id collect.object_id not null references collect.accounts,
    livemode boolean not null,
    created_at timestamptz not null,
    invoice collect.object_id not null references collect.invoices,
    customer collect.object_id not null references collect.customers,
    number text not null,
    currency text not null,
    status text not null check (status in ('issued', 'void')),
    reason text,
    memo text,
    metadata jsonb not null,
    effective_at timestamptz,
    subtotal_minor bigint not null,
    total_minor bigint not null check (total_minor > 0),
    before_payment_minor bigint not null check (before_payment_minor >= 0),
    credited_minor bigint not null check (credited_minor >= 0),
    out_of_band_minor bigint not null check (out_of_band_minor >= 0),
    refunds jsonb not null,
    balance_transaction collect.object_id,
    discount_amounts jsonb not null,
    taxes jsonb not null,
    voided_at timestamptz,
    link_token text not null unique,
    check (before_payment_minor <= total_minor))`,
  `create index credit_notes_newest
    on collect.credit_notes (account_id, livemode, created_at desc, id desc)`,
  `create index credit_notes_invoice on collect.credit_notes (invoice)`,
  `create table collect.credit_note_lines (
    id collect.object_id primary key,
    account_id collect.object_id not null references collect.accounts,
    livemode boolean not null,
    created_at timestamptz not null,
    credit_note collect.object_id not null references collect.credit_notes,
    position integer not null,
    invoice_line collect.object_id,
    description text,
    amount_minor bigint not null,
    quantity bigint,
    unit_amount numeric,
    discount_amounts jsonb not null,
    taxes jsonb not null,
    metadata jsonb not null,
    unique (credit_note, position))`,
  `create index credit_note_lines_of_line
    on collect.credit_note_lines (invoice_line) where invoice_line is not null`,
  `alter table collect.customer_balance_transactions add column credit_note collect.object_id`,
];

/** Payments that are reported, refunds and credit notes. */
export const money: Migration = {
  name: "collect-0010-money",
  async up(db) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
