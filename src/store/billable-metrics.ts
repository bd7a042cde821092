import { sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { PropertyFilterRow, ValueFilter } from "../db/tables/billable-metrics.ts";
import type { EventTypeFilter, Metric, PropertyFilter } from "../domain/metering/metric.ts";
import { notFound } from "../errors.ts";

/** A metric with what surrounds its rule. */
export interface MetricRecord extends Metric {
  readonly name: string;
  readonly archivedAt: string | undefined;
  readonly position: bigint;
}

export interface NewMetric extends Omit<MetricRecord, "id" | "archivedAt" | "position"> {
  readonly environmentId: string;
  readonly createdAt: string;
}

export interface MetricsQuery {
  readonly environmentId: string;
  /** Only these; all of the environment when left out. */
  readonly ids?: readonly string[];
  readonly includeArchived: boolean;
  readonly after?: bigint | undefined;
  readonly limit?: number;
}

/** Metrics in order of creation. */
export async function listMetrics(
  db: CoreDb,
  { environmentId, ids, includeArchived, after, limit }: MetricsQuery,
): Promise<MetricRecord[]> {
  let query = db
    .selectFrom("billable_metrics")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .orderBy("position");
  if (ids !== undefined) query = query.where("id", "=", sql<string>`any(${ids}::uuid[])`);
  if (!includeArchived) query = query.where("archived_at", "is", null);
  if (after !== undefined) query = query.where("position", ">", after);
  if (limit !== undefined) query = query.limit(limit);
  return (await query.execute()).map(toMetricRecord);
}

/** The metric of this environment, archived or not. Throws not found. */
export async function getMetric(
  db: CoreDb,
  environmentId: string,
  id: string,
): Promise<MetricRecord> {
  const [metric] = await listMetrics(db, { environmentId, ids: [id], includeArchived: true });
  if (metric === undefined) throw notFound("billable metric", id);
  return metric;
}

export async function insertMetric(db: CoreTransaction, metric: NewMetric): Promise<MetricRecord> {
  const row = await db
    .insertInto("billable_metrics")
    .values({
      environment_id: metric.environmentId,
      name: metric.name,
      aggregation_type: metric.aggregation,
      aggregation_key: metric.aggregationKey,
      event_type_filter:
        metric.eventTypeFilter === null
          ? null
          : JSON.stringify(toValueFilter(metric.eventTypeFilter)),
      property_filters: JSON.stringify(metric.propertyFilters.map(toPropertyFilterRow)),
      group_keys: JSON.stringify(metric.groupKeys),
      created_at: metric.createdAt,
      archived_at: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return toMetricRecord(row);
}

/** Changes the name or marks it archived; a metric that was archived keeps its first instant. */
export async function updateMetric(
  db: CoreDb,
  environmentId: string,
  id: string,
  change: { readonly name: string } | { readonly archivedAt: string },
): Promise<void> {
  const updated = await db
    .updateTable("billable_metrics")
    .set(
      "name" in change
        ? { name: change.name }
        : { archived_at: sql<string>`coalesce(archived_at, ${change.archivedAt}::timestamptz)` },
    )
    .where("environment_id", "=", environmentId)
    .where("id", "=", id)
    .returning("id")
    .executeTakeFirst();
  if (updated === undefined) throw notFound("billable metric", id);
}

interface MetricRow {
  readonly id: string;
  readonly name: string;
  readonly aggregation_type: Metric["aggregation"];
  readonly aggregation_key: string | null;
  readonly event_type_filter: ValueFilter | null;
  readonly property_filters: PropertyFilterRow[];
  readonly group_keys: string[][];
  readonly archived_at: string | null;
  readonly position: bigint;
}

const toMetricRecord = (row: MetricRow): MetricRecord => ({
  id: row.id,
  name: row.name,
  aggregation: row.aggregation_type,
  aggregationKey: row.aggregation_key,
  eventTypeFilter: row.event_type_filter === null ? null : fromValueFilter(row.event_type_filter),
  propertyFilters: row.property_filters.map((filter) => ({
    name: filter.name,
    ...(filter.exists === undefined ? {} : { exists: filter.exists }),
    ...fromValueFilter(filter),
  })),
  groupKeys: row.group_keys,
  archivedAt: row.archived_at ?? undefined,
  position: row.position,
});

const fromValueFilter = ({ in_values, not_in_values }: ValueFilter): EventTypeFilter => ({
  ...(in_values === undefined ? {} : { inValues: in_values }),
  ...(not_in_values === undefined ? {} : { notInValues: not_in_values }),
});

/** In the words of the API, which are also how the filter is stored. */
export const toValueFilter = ({ inValues, notInValues }: EventTypeFilter): ValueFilter => ({
  ...(inValues === undefined ? {} : { in_values: [...inValues] }),
  ...(notInValues === undefined ? {} : { not_in_values: [...notInValues] }),
});

/** In the words of the API, which are also how the filter is stored. */
export const toPropertyFilterRow = (filter: PropertyFilter): PropertyFilterRow => ({
  name: filter.name,
  ...(filter.exists === undefined ? {} : { exists: filter.exists }),
  ...toValueFilter(filter),
});
