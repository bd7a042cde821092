import type { CoreTransaction } from "../db/database.ts";
import type { Metric } from "../domain/metering/metric.ts";
import { parseExact } from "../platform/json/exact-json.ts";
import { insertBackfill, listStoredEvents } from "../store/usage-events.ts";
import { toContributions, toMetricCatalogue } from "./to-usage-batch.ts";

/**
 * Counts the stored events of the environment in a metric that is being created. The caller holds
 * lockMetrics, so that no event arrives between the reading and the commit.
 */
export async function backfillMetric(
  tx: CoreTransaction,
  environmentId: string,
  metric: Metric,
): Promise<void> {
  const catalogue = toMetricCatalogue([metric]);
  const types = metric.eventTypeFilter?.inValues;
  for await (const rows of listStoredEvents(tx, environmentId, types)) {
    const events = rows.map((row) => ({
      eventType: row.event_type,
      customerRef: row.customer_ref,
      eventAt: row.event_at,
      properties: parseExact(row.properties) as Readonly<Record<string, unknown>>,
    }));
    await insertBackfill(tx, { events, ...toContributions(catalogue, events) });
  }
}
