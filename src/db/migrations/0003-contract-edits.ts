import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

const statements = [
  // `changes` is the JSON text that the history shows, written once: jsonb would read money as doubles.
  `create table contract_edits (
    id uuid primary key default gen_random_uuid(),
    environment_id uuid not null references environments,
    contract_id uuid not null references contracts,
    uniqueness_key text,
    changes text not null,
    edited_at timestamptz not null,
    edited_by text not null,
    position bigint generated always as identity)`,
  `create unique index contract_edits_uniqueness_key
    on contract_edits (environment_id, uniqueness_key) where uniqueness_key is not null`,
  `create index contract_edits_by_contract on contract_edits (contract_id, position)`,
];

/** What was changed of contracts after they were made. */
export const contractEdits: Migration = {
  name: "core-0003-contract-edits",
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
