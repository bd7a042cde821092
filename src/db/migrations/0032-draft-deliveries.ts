import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

const STATEMENTS = [
  // The lines of the last content that a calculation found: what is sent of a draft.
  `alter table bill_calculations add column lines jsonb`,
  // It sends what the invoice was while it was a draft.
  `alter table integration_runs add column is_draft boolean not null default false`,
  `create index integration_runs_of_drafts on integration_runs (invoice_id, position) where is_draft`,
  // A draft whose period is none any more goes, and what was sent of it is taken back by a job.
  `alter table integration_runs
    drop constraint integration_runs_invoice_id_fkey,
    add foreign key (invoice_id) references invoices on delete cascade`,
  `alter table integration_run_steps
    drop constraint integration_run_steps_run_id_fkey,
    add foreign key (run_id) references integration_runs on delete cascade`,
  `alter table external_status_changes
    drop constraint external_status_changes_run_id_fkey,
    add foreign key (run_id) references integration_runs on delete cascade`,
  `alter table integration_events
    drop constraint integration_events_run_id_fkey,
    add foreign key (run_id) references integration_runs on delete set null`,
];

/** Drafts that are sent to providers, and follow what calculations find. */
export const draftDeliveries: Migration = {
  name: "core-0032-draft-deliveries",
  async up(db) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
