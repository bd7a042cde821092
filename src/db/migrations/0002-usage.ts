import { sql } from "kysely";
import type { Migration } from "../../platform/database/migrate.ts";

const eventColumns = `
    environment_id uuid not null,
    key uuid not null,
    transaction_id text not null,
    customer_ref text not null,
    event_type text not null,
    event_at timestamptz not null,
    properties text not null,
    received_at timestamptz not null`;

const statements = [
  // Uniqueness across all time, which a key of the time-partitioned table itself could not give.
  `create table usage_event_keys (key uuid primary key)`,
  // Partitions are months, made when the first event of one arrives: store/usage-partitions.ts.
  // Properties stay the JSON text as sent; jsonb would cost a third of the ingest.
  `create table usage_events (${eventColumns}) partition by range (event_at)`,
  // Accepted but older than what counts. No metric ever reads it.
  `create table usage_events_too_old (${eventColumns})`,
  // customer_ref is the id or alias that the event was sent with; it meets the customer when read.
  // Every update leaves the indexed columns alone, and the free space keeps it on its page.
  `create table usage_rollups (
    metric_id uuid not null,
    customer_ref text not null,
    hour timestamptz not null,
    group_hash uuid not null,
    group_values jsonb not null,
    event_count bigint not null,
    value_sum numeric not null,
    value_max numeric,
    latest_value numeric,
    latest_at timestamptz,
    primary key (metric_id, customer_ref, hour, group_hash)) with (fillfactor = 80)`,
  `create table usage_distinct_values (
    metric_id uuid not null,
    customer_ref text not null,
    hour timestamptz not null,
    group_hash uuid not null,
    value_hash uuid not null,
    group_values jsonb not null,
    primary key (metric_id, customer_ref, hour, group_hash, value_hash))`,
  // Grows whenever a metric is created, so that ingest knows when its list of metrics is old.
  `create table usage_metric_versions (
    environment_id uuid primary key references environments,
    version bigint not null default 0)`,
  `insert into usage_metric_versions (environment_id) select id from environments`,
];

/** Usage events, their global keys, and the hourly rollups that every read of usage starts from. */
export const usage: Migration = {
  name: "core-0002-usage",
  async up(db) {
    for (const statement of statements) await sql.raw(statement).execute(db);
  },
};
