import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

const STATEMENTS = [
  // A run that another one of the same invoice over the same account makes needless names it.
  `alter table integration_runs
    add column duplicate_of_run_id uuid references integration_runs,
    add column waits_for text check (waits_for in ('retry', 'rate_limit')),
    add column bill_total numeric,
    add column sent_total numeric,
    add column started_at timestamptz,
    add column concluded_at timestamptz`,
  `update integration_runs set started_at = created_at,
    concluded_at = case when status in ('SENT', 'SKIPPED', 'FAILED') then updated_at end`,
  `alter table integration_runs
    drop constraint integration_runs_invoice_id_invoice_version_connection_id_key`,
  // One delivery of a version to an account, however many routes lead there.
  `create unique index integration_runs_delivery
    on integration_runs (invoice_id, invoice_version, connection_id)
    where connection_id is not null and duplicate_of_run_id is null`,
  // A billing configuration that led to no account; a rule without one is known by the rule.
  `create unique index integration_runs_unconnected
    on integration_runs (invoice_id, invoice_version)
    where connection_id is null and configuration_id is null`,
  `create unique index integration_runs_of_rule
    on integration_runs (invoice_id, invoice_version, configuration_id)
    where configuration_id is not null`,
  // Final invoices that no route took, as long as none does.
  `create table unrouted_invoices (
    invoice_id uuid primary key references invoices,
    environment_id uuid not null references environments,
    noted_at timestamptz not null,
    position bigint generated always as identity)`,
  `create index unrouted_invoices_by_environment on unrouted_invoices (environment_id, position)`,
  `insert into unrouted_invoices (invoice_id, environment_id, noted_at)
    select id, environment_id, finalized_at from invoices
    where status = 'FINALIZED' and not imported and finalized_at is not null
      and billable_status <> 'unbillable' and jsonb_array_length(lines) > 0
      and not exists (select from integration_runs run where run.invoice_id = invoices.id)
      and not exists (select from payment_workflows flow where flow.invoice_id = invoices.id)
    order by position`,
  `create index if not exists external_mappings_by_entity
    on external_mappings (environment_id, entity_id)`,
  // A credit note goes everywhere its invoice went.
  `alter table credit_note_deliveries add column run_id uuid references integration_runs`,
  `update credit_note_deliveries delivery set run_id = (
    select run.id from integration_runs run
    join credit_notes note on note.invoice_id = run.invoice_id
    where note.id = delivery.credit_note_id order by run.position limit 1)`,
  `alter table credit_note_deliveries
    drop constraint credit_note_deliveries_pkey,
    alter column run_id set not null,
    add primary key (credit_note_id, run_id)`,
  `update core_jobs set payload = payload || jsonb_build_object('runId', delivery.run_id)
    from credit_note_deliveries delivery
    where kind = 'deliver-credit-note' and delivery.credit_note_id::text = payload->>'creditNoteId'`,
];

/** Several routes for one invoice, and what they come to. */
export const integrationRouting: Migration = {
  name: "core-0028-integration-routing",
  async up(db) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
