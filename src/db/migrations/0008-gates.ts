import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

const STATEMENTS = [
  `create table payment_workflows (
    id uuid primary key,
    environment_id uuid not null references environments,
    customer_id uuid not null references customers,
    contract_id uuid not null references contracts,
    type text not null check (type in ('manual_commit', 'prepaid_balance_threshold', 'spend_threshold')),
    status text not null check (status in ('PENDING', 'CANCELING', 'PAID', 'FAILED')),
    gate jsonb not null,
    commit_id uuid not null unique references commits,
    invoice_id uuid not null unique references invoices,
    segments jsonb not null,
    payment_id text,
    action_required_at timestamptz,
    error jsonb,
    created_at timestamptz not null,
    settled_at timestamptz,
    position bigint generated always as identity,
    check ((status in ('PAID', 'FAILED')) = (settled_at is not null)))`,
  `create index payment_workflows_by_contract on payment_workflows (contract_id, type, position)`,
  // One purchase at a time for one threshold: what it grants is not there before it is paid.
  `create unique index payment_workflows_one_open on payment_workflows (contract_id, type)
    where type <> 'manual_commit' and status in ('PENDING', 'CANCELING')`,
  `create table threshold_configurations (
    contract_id uuid not null references contracts,
    type text not null check (type in ('prepaid_balance_threshold', 'spend_threshold')),
    environment_id uuid not null references environments,
    customer_id uuid not null references customers,
    is_enabled boolean not null,
    threshold_amount numeric not null,
    recharge_to_amount numeric,
    payment_fraction numeric,
    commit jsonb not null,
    gate jsonb not null,
    workflow_count integer not null default 0,
    primary key (contract_id, type),
    check ((type = 'prepaid_balance_threshold') = (recharge_to_amount is not null)))`,
  `create index threshold_configurations_enabled on threshold_configurations
    (environment_id, customer_id) where is_enabled`,
  // A purchase that is charged at once has an invoice of its own, at whatever instant.
  `alter table invoices add column payment_workflow_id uuid`,
  `drop index invoices_one_scheduled`,
  `create unique index invoices_one_scheduled on invoices (contract_id, finalize_due_at, credit_type_id, generation)
    where type = 'SCHEDULED' and status <> 'VOID' and payment_workflow_id is null`,
];

/** Payments that are made at once, and the thresholds at which they are. */
export const gates: Migration = {
  name: "core-0008-gates",
  async up(db) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
