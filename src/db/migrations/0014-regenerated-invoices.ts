import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

/** Of an invoice that took a void one's place: which one. */
export const regeneratedInvoices: Migration = {
  name: "core-0014-regenerated-invoices",
  async up(db) {
    await sql
      .raw(`alter table invoices add column regenerated_from_invoice_id uuid references invoices`)
      .execute(db);
  },
};
