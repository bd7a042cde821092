import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

const STATEMENTS = [
  // By when a system that fetches invoices should have written back; null: nobody waits for that.
  `alter table integration_runs add column write_back_due_at timestamptz`,
  `create index integration_runs_to_write_back on integration_runs (environment_id, write_back_due_at)
    where write_back_due_at is not null`,
];

/** Invoices that somebody else fetches, and writes back what became of them. */
export const writeBacks: Migration = {
  name: "core-0043-write-backs",
  async up(db) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
