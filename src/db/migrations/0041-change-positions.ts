import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

const CHANGED_BY = "changed_by xid8 not null default pg_current_xact_id()";

/** Tables whose rows are exported when they change, and the columns whose change counts. */
const FOLLOWED: readonly (readonly [table: string, columns: string])[] = [
  ["customers", "name, salesforce_account_id, updated_at, archived_at"],
  ["billable_metrics", "name, archived_at"],
  ["pricing_units", "name, archived_at"],
  ["alerts", "name, threshold, uniqueness_key, archived_at"],
  // Most columns, and always more than one at a time.
  ["invoices", ""],
];

const noteChange = ([table, columns]: readonly [string, string]) => [
  `alter table ${table} add column ${CHANGED_BY}`,
  `create index ${table}_by_change on ${table} (environment_id, changed_by, id)`,
  `create trigger note_change before update ${columns === "" ? "" : `of ${columns}`} on ${table}
    for each row execute function note_change()`,
];

const statements = [
  // The transaction that wrote a row last. Transactions commit in another order than they begin, so
  // whoever reads on from a position must stop before the oldest that still runs: see
  // store/exports/change-window.ts.
  `create function note_change() returns trigger language plpgsql as $$
    begin
      new.changed_by := pg_current_xact_id();
      return new;
    end $$`,
  ...FOLLOWED.flatMap(noteChange),
  // Only what is shown of a provider's document.
  `alter table integration_runs add column ${CHANGED_BY}`,
  `create index integration_runs_by_change on integration_runs (environment_id, changed_by, id)`,
  `create trigger note_change before update
    of external_id, external_status, external_details, duplicate_of_run_id, error_code
    on integration_runs for each row execute function note_change()`,
  // Aliases and custom fields are rows of their own, and may be gone.
  `create function note_customer_change() returns trigger language plpgsql as $$
    begin
      update customers set changed_by = pg_current_xact_id()
        where id = coalesce(new.customer_id, old.customer_id)
        and changed_by <> pg_current_xact_id();
      return null;
    end $$`,
  `create trigger note_customer_change after insert or update or delete on customer_ingest_aliases
    for each row execute function note_customer_change()`,
  `create function note_fields_change() returns trigger language plpgsql as $$
    declare
      entity text := coalesce(new.entity, old.entity);
      changed_id uuid := coalesce(new.entity_id, old.entity_id);
    begin
      if entity = 'customer' then
        update customers set changed_by = pg_current_xact_id()
          where id = changed_id and changed_by <> pg_current_xact_id();
      elsif entity = 'invoice' then
        update invoices set changed_by = pg_current_xact_id()
          where id = changed_id and changed_by <> pg_current_xact_id();
      elsif entity = 'billable_metric' then
        update billable_metrics set changed_by = pg_current_xact_id()
          where id = changed_id and changed_by <> pg_current_xact_id();
      end if;
      return null;
    end $$`,
  `create trigger note_fields_change after insert or update or delete on custom_field_values
    for each row execute function note_fields_change()`,
  // Events are never changed. With the key the order is whole, however many came at once: all events that
  // are older than this column have one number. Ingest pays for every byte, so the environment is left out.
  ...["usage_events", "usage_events_too_old"].flatMap((table) => [
    `alter table ${table} add column ${CHANGED_BY}`,
    `create index ${table}_by_change on ${table} (changed_by, key)`,
  ]),
];

/** Which transaction changed a row last: what an export goes on from. */
export const changePositions: Migration = {
  name: "core-0041-change-positions",
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
