import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

const statements = [
  // An amendment is an edit that only adds, from a date on.
  `alter table contract_edits add column amended_from timestamptz`,
  // Finalized invoices name the overrides that made their prices, so these are never deleted.
  `alter table contract_overrides add column removed_at timestamptz`,
  // End of the last usage invoice that was closed when an edit added the subscription.
  `alter table subscriptions add column added_after timestamptz`,
  // What a finalized invoice shows does not follow the contract any more.
  `alter table invoices add column net_payment_terms_days integer`,
  `update invoices set net_payment_terms_days = contracts.net_payment_terms_days
    from contracts where contracts.id = invoices.contract_id and status <> 'DRAFT'`,
  `create table contract_billing_configurations (
    id uuid primary key default gen_random_uuid(),
    contract_id uuid not null references contracts,
    configuration_id uuid not null references customer_billing_configurations,
    effective_at timestamptz not null,
    created_at timestamptz not null,
    created_by text not null,
    position bigint generated always as identity)`,
  `create index contract_billing_configurations_by_contract
    on contract_billing_configurations (contract_id, effective_at, position)`,
];

/** Amendments, overrides that were removed, payment terms as invoiced, later billing configurations. */
export const contractChanges: Migration = {
  name: "core-0010-contract-changes",
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
