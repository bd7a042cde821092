import { sql } from "kysely";
import type { CoreDb } from "../db/database.ts";
import { dec } from "../domain/decimal.ts";
import type { GroupValues, Rollup } from "../domain/metering/rollup.ts";
import { type Instant, type Interval, instant, instantText } from "../domain/time.ts";
import { customerReferences } from "./customer-references.ts";

export interface MeteredQuery {
  readonly environmentId: string;
  readonly customerId: string;
  readonly metricId: string;
  /** Only usage with these values, whatever else it was grouped by. */
  readonly groupValues: GroupValues;
  /** It begins and ends on the hour. */
  readonly within: Interval;
}

/** What was metered in an hour under one of the customer's references. */
export interface MeteredHour {
  readonly ref: string;
  readonly rollup: Rollup;
}

interface HourRow {
  customer_ref: string;
  hour: string;
  event_count: bigint;
  value_sum: string;
  value_max: string | null;
  latest_value: string | null;
  latest_at: string | null;
}

/** The hours in which a metric with rollups (not UNIQUE) counted events, by hour; others are absent. */
export async function listMeteredHours(db: CoreDb, query: MeteredQuery): Promise<MeteredHour[]> {
  const { rows } = await sql<HourRow>`
    select customer_ref, hour, sum(event_count)::bigint as event_count,
      sum(value_sum) as value_sum, max(value_max) as value_max, max(latest_at) as latest_at,
      (array_agg(latest_value order by latest_at desc, latest_value desc)
        filter (where latest_at is not null))[1] as latest_value
    from ${usageOf("usage_rollups", query)}
    group by customer_ref, hour order by hour, customer_ref`.execute(db);
  return rows.map((row) => ({ ref: row.customer_ref, rollup: toRollup(row) }));
}

/** As listMeteredHours, of a UNIQUE metric: when it saw values, and not how many. */
export async function listDistinctHours(
  db: CoreDb,
  query: MeteredQuery,
): Promise<{ ref: string; hourStart: Instant }[]> {
  const { rows } = await sql<{ customer_ref: string; hour: string }>`
    select customer_ref, hour from ${usageOf("usage_distinct_values", query)}
    group by customer_ref, hour order by hour, customer_ref`.execute(db);
  return rows.map((row) => ({ ref: row.customer_ref, hourStart: instant(row.hour) }));
}

/** How many different values a UNIQUE metric saw in each window of so many hours, from 1970 on. */
export async function countDistinctValues(
  db: CoreDb,
  query: MeteredQuery,
  hours: number,
): Promise<{ windowStart: Instant; count: bigint }[]> {
  const { rows } = await sql<{ window_start: string; count: bigint }>`
    select date_bin(make_interval(hours => ${hours}::int), hour, '1970-01-01T00:00:00Z'::timestamptz)
      as window_start, count(distinct value_hash) as count
    from ${usageOf("usage_distinct_values", query)}
    group by window_start order by window_start`.execute(db);
  return rows.map((row) => ({ windowStart: instant(row.window_start), count: row.count }));
}

/** What is meant of a table. By key for each reference, as listRollups reads. */
const usageOf = (
  table: "usage_rollups" | "usage_distinct_values",
  { environmentId, customerId, metricId, groupValues, within }: MeteredQuery,
) => sql`
  (${customerReferences({ environmentId, customerIds: [customerId] })}) refs
  cross join lateral (
    select * from ${sql.table(table)}
    where metric_id = ${metricId} and customer_ref = ref
      and group_values @> ${JSON.stringify(groupValues)}::jsonb
      and hour >= ${instantText(within.start)}::timestamptz
      and hour < ${instantText(within.end)}::timestamptz
    offset 0) used`;

const toRollup = (row: HourRow): Rollup => ({
  hourStart: instant(row.hour),
  groupValues: {},
  count: row.event_count,
  sum: dec(row.value_sum),
  max: row.value_max === null ? null : dec(row.value_max),
  latest:
    row.latest_value === null || row.latest_at === null
      ? null
      : { value: dec(row.latest_value), at: instant(row.latest_at) },
});
