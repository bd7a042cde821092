import { sql } from "kysely";
import type { Migration } from "../../../platform/database/migrate.ts";

const STATEMENTS: readonly string[] = [
  // Its time is in the platform's table of clocks, under the same name.
  `create table collect.test_clocks (
    id collect.object_id primary key,
    account_id collect.object_id not null references collect.accounts,
    livemode boolean not null check (not livemode),
    created_at timestamptz not null,
    name text,
    deletes_at timestamptz not null,
    has_failed boolean not null default false)`,
  `create index test_clocks_newest
    on collect.test_clocks (account_id, livemode, created_at desc, id desc)`,
  `alter table collect.customers add column test_clock collect.object_id`,
  `create index customers_test_clock on collect.customers (test_clock)
    where test_clock is not null`,
  `alter table collect.subscriptions add column test_clock collect.object_id`,
  `alter table collect.invoice_items add column test_clock collect.object_id`,
  // On the environment's clock, whichever its event is on.
  `alter table collect.webhook_deliveries add column promised_at timestamptz`,
  `update collect.webhook_deliveries delivery set promised_at = event.created_at
    from collect.events event where event.id = delivery.event_id`,
  `alter table collect.webhook_deliveries alter column promised_at set not null`,
];

/** Clocks of their own for customers, and deliveries that follow the environment's. */
export const testClocks: Migration = {
  name: "collect-0011-test-clocks",
  async up(db) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
