import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

const statements = [
  `create table recurring_commits (
    id uuid primary key default gen_random_uuid(),
    contract_id uuid not null references contracts,
    type text not null check (type in ('COMMIT', 'CREDIT')),
    product_id uuid not null references products,
    name text,
    description text,
    priority numeric not null,
    rate_type text not null check (rate_type in ('LIST_RATE', 'COMMIT_RATE')),
    rollover_fraction numeric check (rollover_fraction between 0 and 1),
    applicable_product_ids jsonb,
    applicable_product_tags jsonb,
    specifiers jsonb,
    netsuite_sales_order_id text,
    access_credit_type_id uuid not null,
    access_unit_price numeric not null check (access_unit_price >= 0),
    access_quantity numeric check (access_quantity >= 0),
    invoice_credit_type_id uuid,
    invoice_unit_price numeric check (invoice_unit_price >= 0),
    invoice_quantity numeric check (invoice_quantity >= 0),
    duration_periods integer not null check (duration_periods > 0),
    recurrence_frequency text
      check (recurrence_frequency in ('DAILY', 'WEEKLY', 'MONTHLY', 'QUARTERLY', 'ANNUAL')),
    proration text not null check (proration in ('NONE', 'FIRST', 'LAST', 'FIRST_AND_LAST')),
    starting_at timestamptz not null,
    ending_before timestamptz check (ending_before > starting_at),
    subscription_id uuid references subscriptions,
    is_increase_prorated boolean,
    created_at timestamptz not null,
    created_by text not null,
    position bigint generated always as identity,
    check ((subscription_id is null) = (access_quantity is not null)),
    check ((subscription_id is null) = (is_increase_prorated is null)),
    check ((invoice_unit_price is null) = (invoice_quantity is null)),
    check (type = 'COMMIT' or invoice_unit_price is null))`,
  `create index recurring_commits_by_contract on recurring_commits (contract_id, position)`,
  `alter table commits
    add column recurring_commit_id uuid references recurring_commits,
    add column recurring_plan jsonb,
    add column rollover_fraction numeric check (rollover_fraction between 0 and 1),
    add check ((recurring_commit_id is null) = (recurring_plan is null))`,
  `create index commits_by_recurring on commits (recurring_commit_id)
    where recurring_commit_id is not null`,
];

/** Commits and credits that come again each period, and the children they spawn. */
export const recurringCommits: Migration = {
  name: "core-0004-recurring-commits",
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
