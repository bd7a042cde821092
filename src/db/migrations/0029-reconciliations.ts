import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

const STATEMENTS = [
  `create table reconciliation_settings (
    environment_id uuid primary key references environments,
    schedule text not null default 'off' check (schedule in ('off', 'daily')),
    automatic_classes jsonb not null default '[]')`,
  `create table reconciliations (
    id uuid primary key default gen_random_uuid(),
    environment_id uuid not null references environments,
    status text not null check (status in ('QUEUED', 'RUNNING', 'COMPLETED', 'FAILED')),
    filter jsonb not null,
    automatic_classes jsonb not null,
    total integer not null default 0,
    checked integer not null default 0,
    documents integer not null default 0,
    cursor jsonb not null,
    error_code text,
    error_message text,
    created_at timestamptz not null,
    created_by text not null,
    started_at timestamptz,
    completed_at timestamptz,
    position bigint generated always as identity)`,
  `create index reconciliations_by_environment on reconciliations (environment_id, position)`,
  // The id is made of what was found, so that a page that is looked at again finds nothing twice.
  `create table reconciliation_findings (
    id uuid primary key,
    reconciliation_id uuid not null references reconciliations,
    class text not null,
    severity text not null,
    connection_id uuid references connections,
    run_id uuid references integration_runs,
    invoice_id uuid,
    external_id text,
    subject text not null,
    expected jsonb not null,
    found jsonb not null,
    repair jsonb not null,
    state text not null check (state in
      ('PROPOSED', 'APPLYING', 'APPLIED', 'VERIFIED', 'RESOLVED', 'REFUSED', 'FAILED')),
    reason text,
    approved_by text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    position bigint generated always as identity)`,
  `create index reconciliation_findings_by_reconciliation
    on reconciliation_findings (reconciliation_id, position)`,
  // The journal of repairs: what was about to be sent, and what came of it.
  `create table reconciliation_steps (
    finding_id uuid not null references reconciliation_findings,
    position integer not null,
    step text not null,
    key_generation integer not null,
    intent jsonb not null,
    outcome text check (outcome in ('accepted', 'rejected', 'retry')),
    result jsonb,
    started_at timestamptz not null default now(),
    finished_at timestamptz,
    primary key (finding_id, position))`,
  // Which deliveries of a time are compared.
  `create index integration_runs_by_delivery
    on integration_runs (environment_id, (coalesce(delivered_at, created_at)))`,
];

/** Comparisons of what was delivered with what stands at the providers. */
export const reconciliations: Migration = {
  name: "core-0029-reconciliations",
  async up(db) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
