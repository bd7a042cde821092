import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

const STATEMENT = `alter table threshold_configurations
  add column custom_credit_type_id uuid references pricing_units
    check (custom_credit_type_id is null or type = 'prepaid_balance_threshold')`;

/** Balance thresholds that are counted in a pricing unit. */
export const thresholdUnits: Migration = {
  name: "core-0012-threshold-units",
  async up(db) {
    await sql.raw(STATEMENT).execute(db);
  },
};
