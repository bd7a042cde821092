import { sql } from "kysely";
import type { CoreDb } from "../db/database.ts";
import { dec } from "../domain/decimal.ts";
import type { GroupValues, Rollup } from "../domain/metering/rollup.ts";
import { type Instant, instant, instantText } from "../domain/time.ts";
import { customerReferences } from "./customer-references.ts";

export interface RollupQuery {
  readonly environmentId: string;
  readonly customerId: string;
  readonly metricIds: readonly string[];
  /** Hours from `from` on and before `to`; both on the hour. */
  readonly from: Instant;
  readonly to: Instant;
}

interface RollupRow {
  metric_id: string;
  hour: string;
  group_values: GroupValues;
  event_count: bigint;
  value_sum: string;
  value_max: string | null;
  latest_value: string | null;
  latest_at: string | null;
}

/**
 * The hourly rollups of one customer by metric, ascending by hour; a metric without usage has no
 * entry. Costs hours x groups, however many events they hold. An hour and combination appears once
 * for each reference (id or alias) the customer's events were sent with.
 */
export async function listRollups(
  db: CoreDb,
  { environmentId, customerId, metricIds, from, to }: RollupQuery,
): Promise<Map<string, Rollup[]>> {
  // By key for each metric and reference, whatever the planner knows: with statistics from before the usage
  // came it would read that of all customers for each of them.
  const { rows } = await sql<RollupRow>`
    select used.metric_id, hour, group_values, event_count, value_sum, value_max, latest_value,
      latest_at
    from (${customerReferences({ environmentId, customerIds: [customerId] })}) refs
    cross join unnest(${[...new Set(metricIds)]}::uuid[]) as asked (metric_id)
    cross join lateral (
      select * from usage_rollups rollup
      where rollup.metric_id = asked.metric_id and customer_ref = ref
        and hour >= ${instantText(from)}::timestamptz and hour < ${instantText(to)}::timestamptz
      offset 0) used
    order by used.metric_id, hour, group_hash, customer_ref`.execute(db);
  // A month has 720 hours and many more rows; reading an instant costs more than finding it.
  const hours = new Map(
    [...new Set(rows.map((row) => row.hour))].map((hour) => [hour, instant(hour)]),
  );
  const byMetric = new Map<string, Rollup[]>();
  for (const row of rows) {
    const rollup = toRollup(row, hours.get(row.hour) ?? instant(row.hour));
    const rollups = byMetric.get(row.metric_id);
    if (rollups === undefined) byMetric.set(row.metric_id, [rollup]);
    else rollups.push(rollup);
  }
  return byMetric;
}

const toRollup = (row: RollupRow, hourStart: Instant): Rollup => ({
  hourStart,
  groupValues: row.group_values,
  count: row.event_count,
  sum: dec(row.value_sum),
  max: row.value_max === null ? null : dec(row.value_max),
  latest:
    row.latest_value === null || row.latest_at === null
      ? null
      : { value: dec(row.latest_value), at: instant(row.latest_at) },
});
