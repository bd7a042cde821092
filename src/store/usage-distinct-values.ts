import { sql } from "kysely";
import type { CoreDb } from "../db/database.ts";
import type { GroupValues } from "../domain/metering/rollup.ts";
import type { DistinctValue } from "../domain/metering/supposed-usage.ts";
import { type Interval, instant, instantText } from "../domain/time.ts";
import { customerReferences } from "./customer-references.ts";

export interface DistinctValueQuery {
  readonly environmentId: string;
  readonly customerId: string;
  readonly metricIds: readonly string[];
  /** md5 digests of the texts, in hexadecimal digits. */
  readonly values: readonly string[];
  /** The time that is looked through; it begins and ends on the hour. */
  readonly within: Interval;
}

interface ValueRow {
  metric_id: string;
  hour: string;
  group_values: GroupValues;
  value: string;
}

/**
 * In which hours, and with which group values, a customer's UNIQUE metrics saw these values. By key, as
 * listRollups reads.
 */
export async function listDistinctValues(
  db: CoreDb,
  { environmentId, customerId, metricIds, values, within }: DistinctValueQuery,
): Promise<DistinctValue[]> {
  if (metricIds.length === 0 || values.length === 0) return [];
  const { rows } = await sql<ValueRow>`
    select seen.metric_id, hour, group_values, replace(value_hash::text, '-', '') as value
    from (${customerReferences({ environmentId, customerIds: [customerId] })}) refs
    cross join unnest(${[...new Set(metricIds)]}::uuid[]) as asked (metric_id)
    cross join lateral (
      select * from usage_distinct_values found
      where found.metric_id = asked.metric_id and customer_ref = ref
        and value_hash = any(${values}::uuid[])
        and hour >= ${instantText(within.start)}::timestamptz
        and hour < ${instantText(within.end)}::timestamptz
      offset 0) seen`.execute(db);
  return rows.map((row) => ({
    metricId: row.metric_id,
    hourStart: instant(row.hour),
    groupValues: row.group_values,
    value: row.value,
  }));
}

/** Those of these event keys that were counted already. */
export async function listKnownEventKeys(
  db: CoreDb,
  keys: readonly string[],
): Promise<ReadonlySet<string>> {
  if (keys.length === 0) return new Set();
  const { rows } = await sql<{ key: string }>`
    select replace(key::text, '-', '') as key from usage_event_keys
    where key = any(${keys}::uuid[])`.execute(db);
  return new Set(rows.map((row) => row.key));
}
