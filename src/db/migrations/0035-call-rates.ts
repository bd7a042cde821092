import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

/** How far the rate of each connection is given away, so that all processes of the database share it. */
export const callRates: Migration = {
  name: "core-0035-call-rates",
  async up(db) {
    // What a crash of the database may lose is a tenth of a second's slots, or a pause of a minute at most.
    await sql`create unlogged table call_rates (
      key text primary key,
      free_at timestamptz not null,
      paused_until timestamptz
    )`.execute(db);
  },
};
