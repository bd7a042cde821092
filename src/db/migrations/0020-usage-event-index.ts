import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

const statements = [
  // A customer's events in order of time, from any of them on. Partitions to come get it too. The
  // hash of the reference is a fourth as long as the reference, and ingest pays for every byte.
  `create index usage_events_in_time
    on usage_events (hashtextextended(customer_ref, 0), event_at, key)`,
  // Where the event of a key is: with these the index above finds it, which spares an index by key,
  // whose entries would be all over the place.
  `create table located_keys as
    select key, hashtextextended(event.customer_ref, 0) as ref_hash, event.event_at
    from usage_event_keys left join usage_events event using (key)`,
  `drop table usage_event_keys`,
  `alter table located_keys rename to usage_event_keys`,
  `alter table usage_event_keys add constraint usage_event_keys_pkey primary key (key)`,
  `create index usage_events_too_old_by_key on usage_events_too_old (key)`,
];

/** What it takes to list the events behind an amount, and to find one by its transaction id. */
export const usageEventIndex: Migration = {
  name: "core-0020-usage-event-index",
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
