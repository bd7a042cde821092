import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

const STATEMENTS = [
  // Since when, by the environment's clock, a delivery waits for somebody at the provider.
  "alter table integration_runs add column waiting_since timestamptz, add column waiting_for text",
  // What was seen of a document at its provider; one row for each change of its status.
  `create table external_status_changes (
    run_id uuid not null references integration_runs,
    position bigint generated always as identity,
    status text,
    changed_at timestamptz not null,
    observed_at timestamptz not null,
    details_hash text not null,
    source_event_id text,
    primary key (run_id, position))`,
];

/** The history of statuses at providers, and deliveries that wait. */
export const statusHistory: Migration = {
  name: "core-0025-status-history",
  async up(db) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
