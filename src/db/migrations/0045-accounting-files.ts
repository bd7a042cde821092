import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

/** Final invoices of all customers by date of issue: what a file for an accounting system goes through. */
export const accountingFiles: Migration = {
  name: "core-0045-accounting-files",
  async up(db) {
    await sql
      .raw(`create index invoices_by_issue on invoices (environment_id, issued_at, position)
        where issued_at is not null`)
      .execute(db);
  },
};
