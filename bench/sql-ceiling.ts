import { hash, randomUUID } from "node:crypto";
import pg from "pg";
import type { BenchEvent } from "./usage-workload.ts";

const CONNECTIONS = 3;
const ROWS = 5000;

/** Keys, events and hourly sums in one statement: what ingest cannot do without, and nothing else. */
const STATEMENT = `
  with batch as materialized (
    select * from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::text[],
      $6::uuid[], $7::text[], $8::numeric[])
      as given (key, transaction_id, customer_ref, event_at, properties, group_hash, group_values, value)),
  fresh as (
    insert into usage_event_keys (key) select key from batch order by key
    on conflict do nothing returning key),
  stored as (
    insert into usage_events (environment_id, key, transaction_id, customer_ref, event_type, event_at,
      properties, received_at)
    select $9::uuid, key, transaction_id, customer_ref, 'inference', event_at, properties, now()
    from batch join fresh using (key))
  insert into usage_rollups as rollup (metric_id, customer_ref, hour, group_hash, group_values,
    event_count, value_sum)
  select $10::uuid, customer_ref, date_trunc('hour', event_at) as hour, group_hash,
    min(group_values)::jsonb, count(*), sum(value)
  from batch join fresh using (key) group by 2, 3, 4 order by 2, 3, 4
  on conflict (metric_id, customer_ref, hour, group_hash) do update set
    event_count = rollup.event_count + excluded.event_count,
    value_sum = rollup.value_sum + excluded.value_sum`;

const literal = (values: readonly string[]): string => `{${values.join(",")}}`;
const quoted = (values: readonly string[]): string =>
  `{${values.map((value) => `"${value.replaceAll('"', '\\"')}"`).join(",")}}`;

function toParameters(environmentId: string, metricId: string, events: readonly BenchEvent[]) {
  const groups = events.map(({ properties }) => JSON.stringify({ region: properties.region }));
  return [
    literal(events.map((event) => hash("md5", `${environmentId}:${event.transaction_id}`))),
    literal(events.map((event) => event.transaction_id)),
    literal(events.map((event) => event.customer_id)),
    literal(events.map((event) => event.timestamp)),
    quoted(events.map((event) => JSON.stringify(event.properties))),
    literal(groups.map((group) => hash("md5", group))),
    quoted(groups),
    literal(events.map((event) => String(event.properties.tokens))),
    environmentId,
    metricId,
  ];
}

/**
 * Events a second that the database takes when nothing stands before it: statements of 5,000 rows
 * over 3 connections, their parameters made beforehand.
 */
export async function measureSqlCeiling(
  databaseUrl: string,
  environmentId: string,
  events: readonly BenchEvent[],
): Promise<number> {
  const metricId = randomUUID();
  const statements: unknown[][] = [];
  for (let from = 0; from < events.length; from += ROWS) {
    statements.push(toParameters(environmentId, metricId, events.slice(from, from + ROWS)));
  }
  const clients = Array.from({ length: CONNECTIONS }, () => new pg.Client(databaseUrl));
  await Promise.all(clients.map((client) => client.connect()));
  const start = performance.now();
  await Promise.all(
    clients.map(async (client) => {
      for (;;) {
        const parameters = statements.shift();
        if (parameters === undefined) return;
        await client.query({ name: "ceiling", text: STATEMENT, values: parameters });
      }
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  await Promise.all(clients.map((client) => client.end()));
  return events.length / seconds;
}
