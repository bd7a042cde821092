import { type RawBuilder, sql } from "kysely";
import { arrayLiteral, textArray } from "./arrays.ts";

/** What one event adds to one metric; all references are places in the arrays beside it. */
export interface UsageContribution {
  readonly event: number;
  readonly metric: number;
  readonly group: number;
  /** Decimal text, for SUM, MAX and LATEST. */
  readonly value: string | null;
  /** For UNIQUE: md5 of the text that counts once. */
  readonly valueHash: string | null;
}

export interface UsageGroup {
  /** md5 of the group values in canonical order. */
  readonly hash: string;
  /** JSON object of the group values. */
  readonly values: string;
}

export interface UsageContributions {
  readonly metrics: readonly { readonly id: string; readonly keepsLatest: boolean }[];
  readonly groups: readonly UsageGroup[];
  readonly contributions: readonly UsageContribution[];
}

/**
 * The tail of a statement: adds contributions of the rows of `accepted` (place, customer_ref,
 * event_at) to the rollups and the distinct values. Rows are written in the order of their keys, so
 * that two statements at once wait for each other instead of locking each other out.
 */
export const rollUpAccepted = ({
  metrics,
  groups,
  contributions,
}: UsageContributions): RawBuilder<unknown> => sql`
  metrics as materialized (
    select (place - 1)::int as metric, metric_id, keeps_latest
    from unnest(${arrayLiteral(metrics.map(({ id }) => id))}::uuid[],
      ${arrayLiteral(metrics.map(({ keepsLatest }) => String(keepsLatest)))}::boolean[])
      with ordinality as given (metric_id, keeps_latest, place)),
  groups as materialized (
    select (place - 1)::int as usage_group, group_hash, group_values::jsonb as group_values
    from unnest(${arrayLiteral(groups.map(({ hash }) => hash))}::uuid[],
      ${textArray(groups.map(({ values }) => values))})
      with ordinality as given (group_hash, group_values, place)),
  contributions as materialized (
    select metric, customer_ref, date_bin('1 hour', event_at, 'epoch'::timestamptz) as hour,
      usage_group, event_at, value, value_hash
    from unnest(${arrayLiteral(contributions.map(({ event }) => event))}::int[],
      ${arrayLiteral(contributions.map(({ metric }) => metric))}::int[],
      ${arrayLiteral(contributions.map(({ group }) => group))}::int[],
      ${arrayLiteral(contributions.map(({ value }) => value))}::numeric[],
      ${arrayLiteral(contributions.map(({ valueHash }) => valueHash))}::uuid[])
      as given (place, metric, usage_group, value, value_hash)
    join accepted using (place)),
  deltas as (
    select metric, customer_ref, hour, usage_group, count(*) as event_count,
      coalesce(sum(value), 0) as value_sum, max(value) as value_max
    from contributions group by metric, customer_ref, hour, usage_group),
  newest as (
    select distinct on (metric, customer_ref, hour, usage_group)
      metric, customer_ref, hour, usage_group, value as latest_value, event_at as latest_at
    from contributions join metrics using (metric) where keeps_latest
    order by metric, customer_ref, hour, usage_group, event_at desc, value desc),
  rolled_up as (
    insert into usage_rollups as rollup (metric_id, customer_ref, hour, group_hash, group_values,
      event_count, value_sum, value_max, latest_value, latest_at)
    select metric_id, customer_ref, hour, group_hash, group_values,
      event_count, value_sum, value_max, latest_value, latest_at
    from deltas join metrics using (metric) join groups using (usage_group)
      left join newest using (metric, customer_ref, hour, usage_group)
    order by metric_id, customer_ref, hour, group_hash
    on conflict (metric_id, customer_ref, hour, group_hash) do update set
      event_count = rollup.event_count + excluded.event_count,
      value_sum = rollup.value_sum + excluded.value_sum,
      value_max = greatest(rollup.value_max, excluded.value_max),
      latest_value = case when ${isNewer} then excluded.latest_value else rollup.latest_value end,
      latest_at = greatest(rollup.latest_at, excluded.latest_at)),
  distinct_values as (
    insert into usage_distinct_values
      (metric_id, customer_ref, hour, group_hash, value_hash, group_values)
    select distinct on (metric_id, customer_ref, hour, group_hash, value_hash)
      metric_id, customer_ref, hour, group_hash, value_hash, group_values
    from contributions join metrics using (metric) join groups using (usage_group)
    where value_hash is not null
    order by metric_id, customer_ref, hour, group_hash, value_hash
    on conflict do nothing)`;

/** The newer instant wins; of two at one instant the larger value. No newer reading is null. */
const isNewer = sql.raw(`(excluded.latest_at, excluded.latest_value)
  > (coalesce(rollup.latest_at, '-infinity'), coalesce(rollup.latest_value, '-infinity'))`);
