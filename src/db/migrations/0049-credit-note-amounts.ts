import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

const STATEMENTS = [
  // What a note comes to in minor units, fixed when it is issued; null: it is older than this column, and went nowhere.
  `alter table credit_notes add column amount_minor bigint`,
  `update credit_notes note set amount_minor = (
    select amount_minor from credit_note_deliveries delivery
    where delivery.credit_note_id = note.id limit 1)`,
  // Notes of all customers by date of issue: what a file for an accounting system goes through.
  `create index credit_notes_by_issue on credit_notes (environment_id, issued_at, position)`,
];

/** Credit notes with their rounded amounts, in order of issue. */
export const creditNoteAmounts: Migration = {
  name: "core-0049-credit-note-amounts",
  async up(db) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
