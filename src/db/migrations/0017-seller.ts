import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

/** Who the environment's invoices are from, as documents name them; null: not told. */
export const seller: Migration = {
  name: "core-0017-seller",
  async up(db) {
    await sql.raw("alter table environments add column seller jsonb").execute(db);
  },
};
