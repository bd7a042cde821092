import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

const STATEMENTS = [
  // What was left at a provider for an invoice of somebody else: by that invoice, and as long as it waits.
  `create index integration_runs_by_carrier
    on integration_runs (connection_id, (external_details ->> 'external_invoice_id'))
    where external_details ->> 'external_invoice_id' is not null`,
  `create index integration_runs_waiting_for_carrier on integration_runs (connection_id)
    where status = 'SENT' and external_status is null and external_details = '{}'`,
];

/** Finds the deliveries that an invoice of somebody else has taken along. */
export const carriedRuns: Migration = {
  name: "core-0036-carried-runs",
  async up(db) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
