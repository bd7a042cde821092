import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

const STATEMENTS = [
  // Several invoices of one period: the first, and what was billed of it later.
  `alter table invoices
    add column corrected_invoice_id uuid references invoices,
    add column late_usage_until timestamptz`,
  `drop index invoices_one_usage`,
  `create unique index invoices_one_usage on invoices (contract_id, start_at, credit_type_id)
    where type = 'USAGE' and status <> 'VOID' and corrected_invoice_id is null`,
  `create index invoices_open_to_late_usage on invoices (contract_id)
    where late_usage_until is not null`,
  // What of an invoice's usage is billed after each correction, so that the next one is a difference.
  `create table usage_corrections (
    id uuid primary key,
    environment_id uuid not null references environments,
    invoice_id uuid not null references invoices,
    sequence integer not null,
    policy text not null check (policy in ('next_invoice', 'supplementary', 'credit_note')),
    carrier_invoice_id uuid references invoices,
    total numeric not null,
    billed_lines jsonb not null,
    draw_downs jsonb not null,
    usage_inputs jsonb not null,
    created_at timestamptz not null,
    voided_at timestamptz,
    unique (invoice_id, sequence))`,
  `create index usage_corrections_by_carrier on usage_corrections (carrier_invoice_id)
    where carrier_invoice_id is not null`,
  `create table credit_notes (
    id uuid primary key,
    environment_id uuid not null references environments,
    customer_id uuid not null references customers,
    contract_id uuid not null references contracts,
    invoice_id uuid not null references invoices,
    correction_id uuid references usage_corrections,
    status text not null check (status in ('ISSUED', 'VOID')),
    reason text not null,
    memo text,
    credit_type_id uuid not null,
    lines jsonb not null,
    total numeric not null,
    tax numeric not null,
    issued_at timestamptz not null,
    issued_by text not null,
    voided_at timestamptz,
    position bigint generated always as identity)`,
  `create index credit_notes_by_invoice on credit_notes (invoice_id)`,
  `create index credit_notes_by_correction on credit_notes (correction_id)
    where correction_id is not null`,
  `create index credit_notes_by_environment on credit_notes (environment_id, position)`,
  `alter table commit_ledger_entries add column credit_note_id uuid references credit_notes`,
  `drop index commit_ledger_entries_once`,
  `create unique index commit_ledger_entries_once on commit_ledger_entries
    (invoice_id, segment_id, type, credit_note_id) nulls not distinct
    where invoice_id is not null`,
];

/** What comes after an invoice is final: usage that arrived late, and credit notes. */
export const corrections: Migration = {
  name: "core-0016-corrections",
  async up(db) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
