import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

const statements = [
  `alter table subscriptions
    add column rounding_method text check (rounding_method in ('HALF_UP', 'FLOOR', 'CEILING')),
    add column rounding_decimal_places integer,
    add column anchor_at timestamptz,
    add column invoice_placement text not null default 'ON_USAGE_INVOICE'
      check (invoice_placement in ('ON_USAGE_INVOICE', 'ON_SCHEDULED_INVOICE')),
    add column seat_group_key text,
    add constraint subscriptions_rounding_whole
      check ((rounding_method is null) = (rounding_decimal_places is null))`,
  // Seats are a history of changes; who has a seat when, and how many there are, follows from it.
  `create table subscription_seat_changes (
    id uuid primary key default gen_random_uuid(),
    subscription_id uuid not null references subscriptions,
    type text not null
      check (type in ('ASSIGN', 'UNASSIGN', 'ADD_UNASSIGNED', 'REMOVE_UNASSIGNED')),
    seat_ids jsonb not null,
    count integer not null check (count >= 0),
    starting_at timestamptz not null,
    created_at timestamptz not null,
    created_by text not null,
    position bigint generated always as identity)`,
  `create index subscription_seat_changes_by_subscription
    on subscription_seat_changes (subscription_id, starting_at, position)`,
];

/** What subscriptions agree on beyond their quantity: rounding, billing cycle, seats. */
export const subscriptions: Migration = {
  name: "core-0005-subscriptions",
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
