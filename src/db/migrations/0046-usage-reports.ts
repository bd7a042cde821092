import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

const STATEMENTS = [
  // A billing configuration whose provider takes usage and no invoices.
  `create table usage_meters (
    configuration_id uuid primary key references customer_billing_configurations,
    environment_id uuid not null references environments,
    customer_id uuid not null references customers,
    provider text not null,
    planned_until timestamptz)`,
  `create index usage_meters_by_customer on usage_meters (customer_id)`,
  // What of each invoice is reported; what it comes to once it is final. Drafts may go: no reference.
  `create table metered_invoices (
    configuration_id uuid not null references usage_meters,
    invoice_id uuid not null,
    amount_minor bigint,
    reported_minor bigint not null default 0,
    primary key (configuration_id, invoice_id))`,
  `create unique index metered_invoices_final on metered_invoices (invoice_id)
    where amount_minor is not null`,
  // One record at the provider: the intent before it is sent, what came of it afterwards.
  `create table usage_reports (
    id uuid primary key default gen_random_uuid(),
    environment_id uuid not null references environments,
    customer_id uuid not null references customers,
    configuration_id uuid not null references usage_meters,
    connection_id uuid not null references connections,
    provider text not null,
    batch_key text not null,
    record jsonb not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    deadline_at timestamptz not null,
    quantity bigint not null check (quantity > 0),
    parts jsonb not null,
    status text not null default 'PENDING'
      check (status in ('PENDING', 'SENT', 'EXPIRED', 'UNKNOWN')),
    maybe_accepted boolean not null default false,
    attempts integer not null default 0,
    record_id text,
    error_code text,
    error_message text,
    sent_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    position bigint generated always as identity,
    unique (configuration_id, window_start))`,
  `create index usage_reports_pending on usage_reports (connection_id, batch_key, position)
    where status = 'PENDING'`,
  `create index usage_reports_by_environment on usage_reports (environment_id, position)`,
];

/** Reports of usage to providers that bill by it: marketplaces. */
export const usageReports: Migration = {
  name: "core-0046-usage-reports",
  async up(db) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
