import { sql } from "kysely";
import type { CoreDb } from "../db/database.ts";
import type { DistinctCounts, DistinctWindow, GroupValues } from "../domain/metering/rollup.ts";
import { instantText } from "../domain/time.ts";
import { customerReferences } from "./customer-references.ts";

export interface DistinctQuery {
  readonly environmentId: string;
  readonly customerId: string;
  readonly windows: readonly DistinctWindow[];
}

interface CountRow {
  window_index: number;
  group_values: GroupValues;
  distinct_count: bigint;
}

/**
 * Answers every window of UNIQUE metrics in one query: distinct values in [start, end), apart for
 * each combination of the window's group keys. A window without usage gets an empty list. Windows
 * start and end on the hour.
 */
export async function listDistinctCounts(
  db: CoreDb,
  { environmentId, customerId, windows }: DistinctQuery,
): Promise<DistinctCounts[]> {
  if (windows.length === 0) return [];
  const { rows } = await sql<CountRow>`
    with refs as (${customerReferences({ environmentId, customerIds: [customerId] })}),
    asked as (
      select (ordinality - 1)::int as window_index, metric_id, group_keys::jsonb as group_keys,
        start_at, end_at
      from unnest(${windows.map((window) => window.metricId)}::uuid[],
        ${windows.map((window) => JSON.stringify(window.groupKeys))}::text[],
        ${windows.map((window) => instantText(window.start))}::timestamptz[],
        ${windows.map((window) => instantText(window.end))}::timestamptz[])
        with ordinality as given (metric_id, group_keys, start_at, end_at, ordinality))
    select window_index, picked.group_values, count(distinct value_hash) as distinct_count
    from asked cross join refs
    cross join lateral (
      select * from usage_distinct_values found
      where found.metric_id = asked.metric_id and customer_ref = ref
        and hour >= start_at and hour < end_at
      offset 0) seen
    cross join lateral (
      select coalesce(jsonb_object_agg(key, value), '{}'::jsonb) as group_values
      from jsonb_each(seen.group_values) where group_keys ? key) picked
    group by window_index, picked.group_values
    order by window_index, picked.group_values`.execute(db);
  const answers = windows.map((window) => ({ ...window, counts: [] as CombinationCount[] }));
  for (const row of rows) {
    const counts = answers[row.window_index]?.counts;
    counts?.push({ groupValues: row.group_values, count: row.distinct_count });
  }
  return answers;
}

type CombinationCount = DistinctCounts["counts"][number];
