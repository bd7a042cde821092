import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

const statements = [
  `alter table recurring_commits
    add column allocation text not null default 'POOLED'
      check (allocation in ('POOLED', 'INDIVIDUAL'))`,
  `alter table commit_segments add column seat_id text`,
  `create unique index commit_segments_by_seat on commit_segments (commit_id, seat_id)
    where seat_id is not null`,
];

/** Value that recurring commits grant each seat of a subscription, for its usage alone. */
export const seatSegments: Migration = {
  name: "core-0011-seat-segments",
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
