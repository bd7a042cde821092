import { sql } from "kysely";
import type { Migration } from "../../../platform/database/migrate.ts";

/** Invoices whose tax somebody else computes. */
export const automaticTax: Migration = {
  name: "collect-0025-automatic-tax",
  async up(db) {
    await sql
      .raw("alter table collect.invoices add column automatic_tax boolean not null default false")
      .execute(db);
  },
};
