import type { CoreDb, CoreTransaction } from "../db/database.ts";
import { isTooOld, type UsageEvent } from "../domain/metering/usage-event.ts";
import { type Instant, instantText } from "../domain/time.ts";
import { AppError } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { listMetrics } from "../store/billable-metrics.ts";
import { getMetricsVersion, lockMetricsShared } from "../store/metrics-lock.ts";
import { insertUsageBatch, type UsageBatch } from "../store/usage-events.ts";
import { ensureUsageMonths, monthOf } from "../store/usage-partitions.ts";
import {
  type MetricCatalogue,
  toBatchEvents,
  toContributions,
  toMetricCatalogue,
} from "./to-usage-batch.ts";

/**
 * What recording remembers between batches: the metrics by environment, checked by their version
 * with every batch, and the months that have a partition.
 */
export interface RecordingCache {
  readonly catalogues: Map<string, { version: bigint; catalogue: MetricCatalogue }>;
  readonly months: Set<string>;
}

export const createRecordingCache = (): RecordingCache => ({
  catalogues: new Map(),
  months: new Set(),
});

const MAX_TRIES = 20;

export interface UsageToRecord {
  readonly environmentId: string;
  /** The environment's time. */
  readonly now: Instant;
  /** None of them too far ahead. */
  readonly events: readonly UsageEvent[];
  /** What else is done for the customers that are named, in the transaction that counts the events. */
  readonly follow?: (tx: CoreTransaction, customerRefs: readonly string[]) => Promise<void>;
}

/**
 * Stores events and counts those that are new, in one transaction; joins the caller's if there is
 * one. Returns how many were new. Safe to repeat: what was stored before changes nothing.
 */
export async function recordUsage(
  db: CoreDb,
  cache: RecordingCache,
  { environmentId, now, events, follow }: UsageToRecord,
): Promise<number> {
  const nowMs = now.epochMilliseconds;
  const batchEvents = toBatchEvents(environmentId, events, (event) => isTooOld(event, nowMs));
  const counted = batchEvents.map(({ event, counts }) => (counts ? event : undefined));
  await ensureMonths(db, cache, counted);
  const receivedAt = instantText(now);
  for (let attempt = 1; attempt <= MAX_TRIES; attempt += 1) {
    const { version, catalogue } = await getCatalogue(db, cache, environmentId);
    const contributions = toContributions(catalogue, counted);
    const head = { environmentId, metricsVersion: version, receivedAt, events: batchEvents };
    const recorded = await insertLocked(db, { ...head, ...contributions }, follow);
    if (recorded.isCurrent) return recorded.accepted;
    cache.catalogues.delete(environmentId);
  }
  throw new AppError("unavailable", "metrics_changing", "Metrics are being created; send it again");
}

const insertLocked = (db: CoreDb, batch: UsageBatch, follow: UsageToRecord["follow"]) =>
  inTransaction(db, async (tx) => {
    await lockMetricsShared(tx, batch.environmentId);
    const recorded = await insertUsageBatch(tx, batch);
    if (recorded.isCurrent && recorded.accepted > 0) {
      await follow?.(tx, [...new Set(batch.events.map(({ event }) => event.customerRef))]);
    }
    return recorded;
  });

/** A month made inside the caller's transaction may yet be undone, so it is not remembered. */
async function ensureMonths(
  db: CoreDb,
  cache: RecordingCache,
  events: readonly (UsageEvent | undefined)[],
): Promise<void> {
  const missing = new Set<string>();
  for (const event of events) {
    if (event === undefined) continue;
    const month = monthOf(event.at.text);
    if (!cache.months.has(month)) missing.add(month);
  }
  if (missing.size === 0) return;
  await ensureUsageMonths(db, missing);
  if (db.isTransaction) return;
  for (const month of missing) cache.months.add(month);
}

/** Archived metrics go on metering: products that use them go on billing (Metronome: archive). */
async function getCatalogue(db: CoreDb, { catalogues }: RecordingCache, environmentId: string) {
  const known = catalogues.get(environmentId);
  if (known !== undefined) return known;
  const version = await getMetricsVersion(db, environmentId);
  const metrics = await listMetrics(db, { environmentId, includeArchived: true });
  const read = { version, catalogue: toMetricCatalogue(metrics) };
  catalogues.set(environmentId, read);
  return read;
}
