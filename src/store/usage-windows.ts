import { sql } from "kysely";
import type { CoreDb } from "../db/database.ts";
import { dec } from "../domain/decimal.ts";
import type { Rollup } from "../domain/metering/rollup.ts";
import { type Instant, type Interval, instant, instantText } from "../domain/time.ts";
import { customerReferences } from "./customer-references.ts";

export interface WindowsQuery {
  readonly environmentId: string;
  readonly customerIds: readonly string[];
  /** Metrics to read, each whole or apart by the values of one property. */
  readonly metrics: readonly { readonly id: string; readonly groupKey: string | null }[];
  readonly range: Interval;
  /** Length of a window; windows follow on each other from the start of the range. */
  readonly hours: number;
}

interface WindowOf {
  readonly customerId: string;
  readonly metricId: string;
  readonly windowStart: Instant;
  /** null: events without the property, or a metric that is not grouped. */
  readonly group: string | null;
}

/** The rollups of a window, folded; its `hourStart` is the window's start. */
export interface WindowRollup extends WindowOf {
  readonly rollup: Rollup;
}

interface FoldedRow {
  customer_id: string;
  metric_id: string;
  window_start: string;
  usage_group: string | null;
  event_count: bigint;
  value_sum: string;
  value_max: string | null;
  latest_value: string | null;
  latest_at: string | null;
}

/** Folds the rollups of many customers by metric, window and group. Windows without usage are absent. */
export async function listWindowRollups(db: CoreDb, query: WindowsQuery): Promise<WindowRollup[]> {
  const { rows } = await sql<FoldedRow>`
    with ${scope(query)}
    select customer_id, asked.metric_id, ${windowStart(query)} as window_start,
      group_values ->> group_key as usage_group, sum(event_count)::bigint as event_count,
      sum(value_sum) as value_sum, max(value_max) as value_max, max(latest_at) as latest_at,
      (array_agg(latest_value order by latest_at desc, latest_value desc)
        filter (where latest_at is not null))[1] as latest_value
    from ${usageOf("usage_rollups", query)}
    group by customer_id, asked.metric_id, window_start, usage_group`.execute(db);
  return rows.map((row) => ({ ...toWindow(row), rollup: toRollup(row) }));
}

/** Distinct values of one window; `isTotal`: of the whole window, whatever the groups. */
export interface WindowDistinct extends WindowOf {
  readonly isTotal: boolean;
  readonly count: bigint;
}

interface DistinctRow {
  customer_id: string;
  metric_id: string;
  window_start: string;
  usage_group: string | null;
  is_total: boolean;
  distinct_count: bigint;
}

/** Counts distinct values by metric and window, both whole and apart by group. */
export async function listWindowDistincts(
  db: CoreDb,
  query: WindowsQuery,
): Promise<WindowDistinct[]> {
  const { rows } = await sql<DistinctRow>`
    with ${scope(query)}
    select customer_id, metric_id, window_start, usage_group,
      grouping(usage_group) = 1 as is_total, count(distinct value_hash) as distinct_count
    from (
      select customer_id, asked.metric_id, ${windowStart(query)} as window_start,
        group_values ->> group_key as usage_group, value_hash
      from ${usageOf("usage_distinct_values", query)}) seen
    group by grouping sets (
      (customer_id, metric_id, window_start),
      (customer_id, metric_id, window_start, usage_group))`.execute(db);
  return rows.map((row) => ({
    ...toWindow(row),
    isTotal: row.is_total,
    count: row.distinct_count,
  }));
}

const scope = ({ environmentId, customerIds, metrics }: WindowsQuery) => sql`
  refs as (${customerReferences({ environmentId, customerIds })}),
  asked as (select * from unnest(${metrics.map(({ id }) => id)}::uuid[],
    ${metrics.map(({ groupKey }) => groupKey)}::text[]) as given (metric_id, group_key))`;

const windowStart = ({ range, hours }: WindowsQuery) =>
  sql`date_bin(make_interval(hours => ${hours}::int), hour, ${instantText(range.start)}::timestamptz)`;

/**
 * What was used in the range. By key for each reference and metric, whatever the planner knows: with
 * statistics from before the usage came it would read that of all customers for each of them.
 */
const usageOf = (table: "usage_rollups" | "usage_distinct_values", { range }: WindowsQuery) => sql`
  refs cross join asked cross join lateral (
    select * from ${sql.table(table)} usage
    where usage.metric_id = asked.metric_id and customer_ref = ref
      and hour >= ${instantText(range.start)}::timestamptz
      and hour < ${instantText(range.end)}::timestamptz
    offset 0) used`;

const toWindow = (row: Omit<DistinctRow, "is_total" | "distinct_count">): WindowOf => ({
  customerId: row.customer_id,
  metricId: row.metric_id,
  windowStart: instant(row.window_start),
  group: row.usage_group,
});

const toRollup = (row: FoldedRow): Rollup => ({
  hourStart: instant(row.window_start),
  groupValues: {},
  count: row.event_count,
  sum: dec(row.value_sum),
  max: row.value_max === null ? null : dec(row.value_max),
  latest:
    row.latest_value === null || row.latest_at === null
      ? null
      : { value: dec(row.latest_value), at: instant(row.latest_at) },
});
