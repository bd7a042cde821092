import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

const STATEMENTS = [
  `alter table connections
    add column status_reason text,
    add column account_id text,
    add column webhook jsonb not null default '{}',
    add column rotation_requested_at timestamptz,
    add column old_secret_until timestamptz,
    add column polled_until timestamptz,
    add column polled_at timestamptz,
    add column poll_error text`,
  `create index provider_events_by_receipt on provider_events (connection_id, received_at)`,
  // Accounts that are connected already are looked after from now on, too.
  `insert into core_jobs (clock, kind, key, subject, payload, due_at)
    select environment.name, 'tend-connection', connection.id::text, connection.id::text,
      jsonb_build_object('connectionId', connection.id),
      coalesce(clock.frozen_at, now() + clock.offset_ms * interval '1 millisecond')
    from connections connection
    join environments environment on environment.id = connection.environment_id
    join clocks clock on clock.name = environment.name
    where connection.archived_at is null and not connection.built_in`,
];

/** What is known of an account at a provider, how its events reach us, and up to when they were read. */
export const connectionCare: Migration = {
  name: "core-0026-connection-care",
  async up(db) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
