import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

const STATEMENTS = [
  // A route by rule: which accounts' bills go over which connection, and how.
  `create table integration_configurations (
    id uuid primary key default gen_random_uuid(),
    environment_id uuid not null references environments,
    entity_type text not null,
    name text not null,
    destination text not null,
    provider text not null,
    connection_id uuid references connections,
    options jsonb not null default '{}',
    exclusive_group text,
    enabled boolean not null default true,
    disabled_at timestamptz,
    disabled_reason text,
    error_count integer not null default 0,
    version integer not null default 1,
    created_at timestamptz not null,
    created_by text not null,
    updated_at timestamptz not null,
    updated_by text not null,
    archived_at timestamptz,
    position bigint generated always as identity)`,
  `create index integration_configurations_by_environment
    on integration_configurations (environment_id, position)`,
  `create index integration_configurations_by_connection
    on integration_configurations (connection_id)`,
  `create table organization_users (
    id uuid primary key default gen_random_uuid(),
    environment_id uuid not null references environments,
    name text not null,
    email text not null,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    archived_at timestamptz,
    position bigint generated always as identity)`,
  `create index organization_users_by_environment on organization_users (environment_id, position)`,
  // What went wrong with an integration, until somebody has dealt with it.
  `create table integration_events (
    id uuid primary key,
    environment_id uuid not null references environments,
    event_name text not null,
    event_at timestamptz not null,
    customer_id uuid references customers,
    configuration_id uuid references integration_configurations,
    run_id uuid references integration_runs,
    body jsonb not null,
    actioned_at timestamptz,
    actioned_by text,
    position bigint generated always as identity)`,
  `create index integration_events_by_environment on integration_events (environment_id, position)`,
  `create index integration_events_by_customer on integration_events (customer_id, position)`,
  // What an entity of ours is called at a provider.
  `create table external_mappings (
    id uuid primary key default gen_random_uuid(),
    environment_id uuid not null references environments,
    entity text not null,
    entity_id text not null,
    external_system text not null,
    external_table text not null,
    external_id text not null,
    configuration_id uuid references integration_configurations,
    version integer not null default 1,
    created_at timestamptz not null,
    created_by text not null,
    updated_at timestamptz not null,
    updated_by text not null,
    position bigint generated always as identity,
    constraint external_mappings_unique unique nulls not distinct
      (environment_id, configuration_id, external_system, external_table, entity, entity_id))`,
  `create index external_mappings_by_external
    on external_mappings (environment_id, external_system, external_table, external_id)`,
  // What the integrations surface knows of a customer beyond its name.
  `create table account_details (
    customer_id uuid primary key references customers,
    environment_id uuid not null references environments,
    code text,
    email_address text,
    address jsonb not null default '{}',
    currency text,
    purchase_order_number text,
    days_before_bill_due integer,
    sends_bills boolean not null default true,
    config_data jsonb not null default '{}',
    version integer not null default 1,
    updated_at timestamptz not null,
    updated_by text not null,
    constraint account_details_code unique (environment_id, code))`,
  `create table contract_details (
    contract_id uuid primary key references contracts,
    purchase_order_number text,
    version integer not null default 1,
    updated_at timestamptz not null,
    updated_by text not null)`,
  // null: the billing configuration of the customer or the contract sent it.
  `alter table integration_runs
    add column configuration_id uuid references integration_configurations`,
  `create index integration_runs_by_configuration
    on integration_runs (configuration_id, position) where configuration_id is not null`,
  `create index integration_runs_by_invoice on integration_runs (invoice_id, position)`,
];

/** Rules that say which invoices go where, and what belongs to them. */
export const integrations: Migration = {
  name: "core-0023-integrations",
  async up(db) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
