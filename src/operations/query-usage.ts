import { type Decimal, dec } from "../domain/decimal.ts";
import type { Metric } from "../domain/metering/metric.ts";
import type { Rollup } from "../domain/metering/rollup.ts";
import { runningValues } from "../domain/metering/running-value.ts";
import { cutWindows, type WindowSize, windowHours } from "../domain/metering/usage-windows.ts";
import type { Instant, Interval } from "../domain/time.ts";
import type { MetricRecord } from "../store/billable-metrics.ts";
import {
  listWindowDistincts,
  listWindowRollups,
  type WindowsQuery,
} from "../store/usage-windows.ts";
import type { OperationContext } from "./context.ts";

export interface GroupBy {
  readonly key: string;
  /** Only these; the first 200 in the order of their text when left out. */
  readonly values: readonly string[] | undefined;
}

export interface AskedMetric {
  readonly metric: MetricRecord;
  readonly groupBy: GroupBy | undefined;
}

export interface UsageQuestion {
  readonly size: WindowSize;
  readonly range: Interval;
  readonly pairs: readonly { readonly customerId: string; readonly asked: AskedMetric }[];
}

/** What one metric measured for one customer in one window; null where there was no event. */
export interface UsageAnswer {
  readonly customerId: string;
  readonly metric: MetricRecord;
  readonly window: Interval;
  readonly value: Decimal | null;
  readonly groups: Readonly<Record<string, Decimal | null>> | undefined;
}

const MAX_GROUPS = 200;

/** One answer for each pair and window, in the order of the pairs and of time. */
export async function queryUsage(
  ctx: OperationContext,
  { size, range, pairs }: UsageQuestion,
): Promise<UsageAnswer[]> {
  const metrics = new Map(pairs.map(({ asked }) => [asked.metric.id, asked]));
  const query = (isUnique: boolean): WindowsQuery => ({
    environmentId: ctx.environment.id,
    customerIds: [...new Set(pairs.map(({ customerId }) => customerId))],
    metrics: [...metrics.values()]
      .filter(({ metric }) => (metric.aggregation === "UNIQUE") === isUnique)
      .map(({ metric, groupBy }) => ({ id: metric.id, groupKey: groupBy?.key ?? null })),
    range,
    hours: windowHours(size, range),
  });
  const usage = new Map([
    ...(await readRollups(ctx, query(false), metrics)),
    ...(await readDistincts(ctx, query(true))),
  ]);
  const windows = cutWindows(size, range);
  return pairs.flatMap(({ customerId, asked: { metric, groupBy } }) =>
    windows.map((window) => {
      const found = usage.get(windowKey(customerId, metric.id, window.start));
      const groups = groupBy === undefined ? undefined : pickGroups(groupBy, found?.groups);
      return { customerId, metric, window, value: found?.value ?? null, groups };
    }),
  );
}

/** A window's value, and the values of its groups. */
interface WindowUsage {
  readonly value: Decimal;
  readonly groups: ReadonlyMap<string, Decimal>;
}

const windowKey = (customerId: string, metricId: string, start: Instant): string =>
  `${customerId}/${metricId}/${start.epochMilliseconds}`;

async function readRollups(
  ctx: OperationContext,
  query: WindowsQuery,
  metrics: ReadonlyMap<string, AskedMetric>,
): Promise<Map<string, WindowUsage>> {
  if (query.metrics.length === 0) return new Map();
  const rows = await listWindowRollups(ctx.db, query);
  const byWindow = Map.groupBy(rows, (row) =>
    windowKey(row.customerId, row.metricId, row.windowStart),
  );
  const usage = new Map<string, WindowUsage>();
  for (const [key, parts] of byWindow) {
    const metric = metrics.get(parts[0]?.metricId ?? "")?.metric;
    if (metric === undefined) continue;
    const fold = (rollups: readonly Rollup[]) => foldWindow(metric, rollups, query.range.end);
    const groups = parts.flatMap(({ group, rollup }) =>
      group === null ? [] : [[group, fold([rollup])] as const],
    );
    usage.set(key, { value: fold(parts.map(({ rollup }) => rollup)), groups: new Map(groups) });
  }
  return usage;
}

/** The value itself, not its increase: a latest value is the latest value. */
function foldWindow({ aggregation }: Metric, rollups: readonly Rollup[], end: Instant): Decimal {
  const [running] = aggregation === "UNIQUE" ? [] : runningValues(aggregation, rollups, [end]);
  return running?.value ?? dec("0");
}

async function readDistincts(
  ctx: OperationContext,
  query: WindowsQuery,
): Promise<Map<string, WindowUsage>> {
  if (query.metrics.length === 0) return new Map();
  const rows = await listWindowDistincts(ctx.db, query);
  const byWindow = Map.groupBy(rows, (row) =>
    windowKey(row.customerId, row.metricId, row.windowStart),
  );
  const usage = new Map<string, WindowUsage>();
  for (const [key, parts] of byWindow) {
    const total = parts.find(({ isTotal }) => isTotal)?.count ?? 0n;
    const groups = parts.flatMap(({ isTotal, group, count }) =>
      isTotal || group === null ? [] : [[group, dec(String(count))] as const],
    );
    usage.set(key, { value: dec(String(total)), groups: new Map(groups) });
  }
  return usage;
}

function pickGroups(
  { values }: GroupBy,
  found: ReadonlyMap<string, Decimal> = new Map(),
): Record<string, Decimal | null> {
  const names = values ?? [...found.keys()].sort().slice(0, MAX_GROUPS);
  return Object.fromEntries(names.map((name) => [name, found.get(name) ?? null]));
}
