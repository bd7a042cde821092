import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

const statements = [
  // What credit notes gave back of an invoice is exported with it.
  `create function note_credit_change() returns trigger language plpgsql as $$
    begin
      update invoices set changed_by = pg_current_xact_id()
        where id = coalesce(new.invoice_id, old.invoice_id)
        and changed_by <> pg_current_xact_id();
      return null;
    end $$`,
  `create trigger note_credit_change after insert or update of status, total or delete on credit_notes
    for each row execute function note_credit_change()`,
];

/** Lets exports follow credit notes. */
export const exportCredited: Migration = {
  name: "core-0051-export-credited",
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
