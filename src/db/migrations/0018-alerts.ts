import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

const STATEMENTS = [
  `create table alerts (
    id uuid primary key default gen_random_uuid(),
    environment_id uuid not null references environments,
    type text not null,
    name text not null,
    threshold numeric not null check (threshold >= 0),
    customer_id uuid references customers,
    credit_type_id uuid,
    metric_id uuid references billable_metrics,
    custom_field_filters jsonb not null,
    group_values jsonb not null,
    invoice_types jsonb,
    seat_filter jsonb,
    uniqueness_key text,
    created_at timestamptz not null,
    created_by text not null,
    archived_at timestamptz,
    position bigint generated always as identity)`,
  `create unique index alerts_uniqueness_key on alerts (environment_id, uniqueness_key)
    where uniqueness_key is not null`,
  // Every batch of usage looks here: for all customers of the environment, and for single ones.
  `create index alerts_enabled on alerts (environment_id, customer_id) where archived_at is null`,
  // One row for the customer as a whole ('') and one for each invoice, segment or seat that ever crossed.
  `create table alert_states (
    alert_id uuid not null references alerts,
    customer_id uuid not null references customers,
    subject text not null,
    status text not null check (status in ('evaluating', 'ok', 'in_alarm')),
    crossings integer not null default 0,
    is_quiet boolean not null default false,
    triggered_by text,
    changed_at timestamptz not null,
    primary key (alert_id, customer_id, subject))`,
  `create index alert_states_by_customer on alert_states (customer_id)`,
];

/** Threshold alerts, and where each customer stands with them. */
export const alerts: Migration = {
  name: "core-0018-alerts",
  async up(db) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
