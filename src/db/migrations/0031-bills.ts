import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

const STATEMENTS = [
  // null: made over the core API, or before this was kept.
  `alter table account_details add column created_by text`,
  // A request to calculate bills anew, worked account by account; position of the last one that is done.
  `create table bill_jobs (
    id uuid primary key default gen_random_uuid(),
    environment_id uuid not null references environments,
    type text not null check (type in ('CREATE', 'RECALCULATE')),
    status text not null default 'PENDING'
      check (status in ('PENDING', 'INITIALIZING', 'RUNNING', 'COMPLETE', 'CANCELLED')),
    scheduled boolean not null default false,
    terms jsonb not null,
    done_until bigint not null default 0,
    calculated integer not null default 0,
    regenerated integer not null default 0,
    version integer not null default 1,
    created_at timestamptz not null,
    created_by text not null,
    updated_at timestamptz not null,
    updated_by text not null,
    position bigint generated always as identity)`,
  `create index bill_jobs_by_environment on bill_jobs (environment_id, position)`,
  `create index bill_jobs_unfinished on bill_jobs (environment_id)
    where status in ('PENDING', 'INITIALIZING', 'RUNNING')`,
  // What a draft was each time that a calculation found it changed; the last row is its present version.
  `create table bill_calculations (
    invoice_id uuid not null references invoices on delete cascade,
    version integer not null,
    content_hash text not null,
    total numeric not null,
    regenerated_at timestamptz not null,
    calculated_at timestamptz not null,
    bill_job_id uuid references bill_jobs,
    primary key (invoice_id, version))`,
  `create index bill_calculations_by_job on bill_calculations (bill_job_id, invoice_id)
    where bill_job_id is not null`,
  // Dates that a bill job gave its bills in the place of those that follow from the terms.
  `create table bill_details (
    invoice_id uuid primary key references invoices on delete cascade,
    due_date date,
    external_invoice_date date)`,
  `create table organization_settings (
    environment_id uuid primary key references environments,
    scheduled_bill_interval_minutes integer,
    next_scheduled_at timestamptz,
    days_before_bill_due integer,
    version integer not null default 1,
    updated_at timestamptz not null,
    updated_by text not null)`,
  `create index contracts_by_environment on contracts (environment_id, position)
    where archived_at is null`,
  `create index invoices_by_environment on invoices (environment_id, position)
    where status <> 'VOID'`,
];

/** Bills: what calculations found, jobs that ask for them, and the organization's settings of both. */
export const bills: Migration = {
  name: "core-0031-bills",
  async up(db) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
