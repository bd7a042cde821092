import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

/** Events by the transaction that brought them, which all events that came together share. */
const statements = ["usage_events", "usage_events_too_old"].flatMap((table) => [
  `drop index ${table}_by_change`,
  // Without the key, whose values are all over the place: each entry goes to the end, and those of one
  // transaction are kept as one. An export sorts the events of a transaction by their keys as it meets them.
  `create index ${table}_by_change on ${table} (changed_by)`,
]);

/** A narrower index for what exports need of events: ingest pays for every byte of it. */
export const narrowEventChangeIndex: Migration = {
  name: "core-0047-narrow-event-change-index",
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
