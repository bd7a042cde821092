import { sql } from "kysely";
import type { Migration } from "../../../platform/database/migrate.ts";

const STATEMENTS: readonly string[] = [
  `alter table collect.invoices
    add column finalization_is_fixed boolean not null default false,
    add column overdue_told_at timestamptz`,
  `create index webhook_deliveries_event on collect.webhook_deliveries (event_id, state)`,
  `create index events_invoice_created on collect.events (object_id)
    where type = 'invoice.created'`,
  `alter table collect.subscriptions
    add column pause_behavior text
      check (pause_behavior in ('keep_as_draft', 'mark_uncollectible', 'void')),
    add column pause_resumes_at timestamptz,
    add column upcoming_told_at timestamptz,
    add check (pause_resumes_at is null or pause_behavior is not null)`,
  // Plans have ids that their makers choose: such an id is taken in one account and mode alone.
  `alter table collect.subscription_items drop constraint subscription_items_price_fkey`,
  `alter table collect.invoice_items drop constraint invoice_items_price_fkey`,
  `alter table collect.prices
    drop constraint prices_pkey,
    add primary key (account_id, livemode, id),
    add column deleted boolean not null default false`,
  `alter table collect.subscription_items
    add foreign key (account_id, livemode, price) references collect.prices (account_id, livemode, id)`,
  `alter table collect.invoice_items
    add foreign key (account_id, livemode, price) references collect.prices (account_id, livemode, id)`,
  `create index invoice_items_subscription_item
    on collect.invoice_items (subscription_item, created_at desc) where subscription_item is not null`,
];

/** When drafts are finalized and who is told of what comes; pauses of collection. */
export const rhythm: Migration = {
  name: "collect-0009-rhythm",
  async up(db) {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
};
