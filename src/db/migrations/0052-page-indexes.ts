import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

/** Pages of what is rare among much: without these a page without a match reads the whole table. */
const STATEMENTS = [
  `create index integration_runs_by_status on integration_runs (environment_id, status, position)`,
  `create index integration_runs_by_provider on integration_runs (environment_id, provider, position)`,
  `create index credit_notes_by_status on credit_notes (environment_id, status, position)`,
  `create index credit_notes_by_customer on credit_notes (customer_id, position)`,
];

/** Runs by status and by provider, credit notes by status and by customer, in the order of their lists. */
export const pageIndexes: Migration = {
  name: "core-0052-page-indexes",
  async up(db) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
