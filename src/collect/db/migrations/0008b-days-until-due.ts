import { sql } from "kysely";
import type { Migration } from "../../../platform/database/migrate.ts";

/** When an account's invoices that are sent fall due, unless a request says it. */
export const daysUntilDue: Migration = {
  name: "collect-0008b-days-until-due",
  async up(db) {
    await sql.raw("alter table collect.accounts add column days_until_due integer").execute(db);
  },
};
