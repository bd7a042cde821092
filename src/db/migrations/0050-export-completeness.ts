import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

const statements = [
  `alter table export_runs add column complete_until timestamptz`,
  // Every request for an export looks for a destination's last run.
  `create index export_runs_by_destination on export_runs (destination_id, position)`,
];

/** Up to when an export has everything. */
export const exportCompleteness: Migration = {
  name: "core-0050-export-completeness",
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
