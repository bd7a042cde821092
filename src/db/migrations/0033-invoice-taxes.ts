import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

/** Tax that is calculated outside and stated for an invoice before it is delivered. */
export const invoiceTaxes: Migration = {
  name: "core-0033-invoice-taxes",
  async up(db) {
    await sql`create table invoice_taxes (
      invoice_id uuid primary key references invoices (id),
      taxes jsonb not null,
      stated_at timestamptz not null,
      stated_by text not null
    )`.execute(db);
  },
};
