import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

const statements = [
  // `terms` is JSON text, written once: jsonb would read money as doubles.
  `create table packages (
    id uuid primary key,
    environment_id uuid not null references environments,
    name text not null,
    terms text not null,
    uniqueness_key text,
    created_at timestamptz not null,
    created_by text not null,
    archived_at timestamptz,
    position bigint generated always as identity)`,
  `create unique index packages_uniqueness_key on packages (environment_id, uniqueness_key)
    where uniqueness_key is not null`,
  `create index packages_by_environment on packages (environment_id, position)`,
  `create table package_aliases (
    package_id uuid not null references packages,
    environment_id uuid not null references environments,
    name text not null,
    starting_at timestamptz,
    ending_before timestamptz,
    position bigint generated always as identity primary key)`,
  `create index package_aliases_by_name on package_aliases (environment_id, name, position)`,
  `create index package_aliases_by_package on package_aliases (package_id, position)`,
  `alter table contracts
    add column package_id uuid references packages,
    add column from_contract_id uuid references contracts,
    add column transition_type text check (transition_type in ('RENEWAL', 'SUPERSEDE')),
    add check ((from_contract_id is null) = (transition_type is null)),
    add check (from_contract_id <> id)`,
  // A contract is followed by one other; an archived one does not count.
  `create unique index contracts_one_successor on contracts (from_contract_id)
    where from_contract_id is not null and archived_at is null`,
  `create index contracts_by_package on contracts (package_id, position) where package_id is not null`,
  `alter table commits
    add column if not exists rollover_fraction numeric check (rollover_fraction between 0 and 1),
    add column rolled_over_from_id uuid references commits,
    add column rollover_settled_at timestamptz`,
  `create index commits_unsettled on commits (customer_id)
    where rolled_over_from_id is not null and rollover_settled_at is null`,
  // No reference: an edit may take the source away as long as nothing is settled.
  `alter table commit_segments add column rolled_over_from_id uuid`,
  `alter table commit_ledger_entries add column new_contract_id uuid references contracts`,
];

/** Contracts that follow others and what they take over; packages that contracts are made from. */
export const transitions: Migration = {
  name: "core-0006-transitions",
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
