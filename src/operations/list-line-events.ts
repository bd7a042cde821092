import type { CoreDb } from "../db/database.ts";
import { dec } from "../domain/decimal.ts";
import { noEventsReason } from "../domain/invoices/no-events.ts";
import type { StoredStep } from "../domain/invoices/stored-step.ts";
import {
  HOURS_OF,
  type MeteredSize,
  type MeteredWindow,
  meteredWindows,
  windowAround,
} from "../domain/metering/metered-windows.ts";
import type { Metric } from "../domain/metering/metric.ts";
import { instant, isBefore } from "../domain/time.ts";
import { notFound } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { getMetric } from "../store/billable-metrics.ts";
import type { EventPosition } from "../store/customer-events.ts";
import {
  countDistinctValues,
  listDistinctHours,
  listMeteredHours,
  type MeteredQuery,
} from "../store/metered-hours.ts";
import type { OperationContext } from "./context.ts";
import { explainInvoice } from "./explain-invoice.ts";
import { type MatchedEvent, passEvents } from "./pass-events.ts";

export interface LineEventsQuery {
  readonly invoiceId: string;
  readonly lineKey: string;
  readonly size: MeteredSize;
  readonly after: EventPosition | undefined;
  readonly limit: number;
}

/** An event behind a line, and whether it came when the line was final already. */
export interface LineEvent extends MatchedEvent {
  readonly isLate: boolean;
}

export interface LineEvents {
  readonly events: readonly LineEvent[];
  readonly next: EventPosition | undefined;
  /** By hour or day; those without usage are absent. */
  readonly windows: readonly MeteredWindow[];
  /** Of all of the line's events; null where hours do not hold it (UNIQUE). */
  readonly eventCount: bigint | null;
  /** Why the line has no events; undefined: it may have some. */
  readonly reason: string | undefined;
}

type UsageStep = Extract<StoredStep, { step: "usage" }>;

/**
 * The events behind an invoice line's usage as they are known now, in order of time, with what late ones
 * added. Throws not found for the invoice and for the line.
 */
export async function listLineEvents(
  ctx: OperationContext,
  { invoiceId, lineKey, size, after, limit }: LineEventsQuery,
): Promise<LineEvents> {
  const read = async (db: CoreDb): Promise<LineEvents> => {
    const { record, lines } = await explainInvoice({ ...ctx, db }, invoiceId, lineKey);
    const [explained] = lines;
    if (explained === undefined) throw notFound("invoice line", lineKey);
    const { line, steps } = explained;
    const step = steps.find((one): one is UsageStep => one.step === "usage");
    if (step === undefined) {
      const reason = noEventsReason(line, steps);
      return { events: [], next: undefined, windows: [], eventCount: 0n, reason };
    }
    const environmentId = ctx.environment.id;
    const metric = await getMetric(db, environmentId, step.metricId);
    const groupValues = { ...line.pricingGroupValues, ...line.presentationGroupValues };
    const window = { start: instant(step.windowStart), end: instant(step.windowEnd) };
    const metered = await readMetered(db, metric, size, {
      environmentId,
      customerId: record.customerId,
      metricId: metric.id,
      groupValues,
      within: window,
    });
    const source = { environmentId, metric, groupValues, window, ...metered };
    const page = await passEvents(db, source, after, limit);
    const isLate = lateness(record.finalizedAt, step, metered.eventCount);
    return {
      events: page.events.map((event) => ({ ...event, isLate: isLate(event) })),
      next: page.next,
      windows: metered.windows,
      eventCount: metered.eventCount,
      reason: undefined,
    };
  };
  return inTransaction(ctx.db, read, { oneSnapshot: true });
}

/** What the hours say of the usage, and where in time and under which references it is. */
async function readMetered(db: CoreDb, metric: Metric, size: MeteredSize, query: MeteredQuery) {
  const { aggregation } = metric;
  const { within } = query;
  if (aggregation === "UNIQUE") {
    const hours = await listDistinctHours(db, query);
    const counts = await countDistinctValues(db, query, HOURS_OF[size]);
    const windows = counts.map(({ windowStart, count }) => ({
      ...windowAround(windowStart, size, within),
      eventCount: null,
      value: dec(String(count)),
    }));
    return { ...placesOf(hours), windows, eventCount: null };
  }
  const hours = await listMeteredHours(db, query);
  const rollups = hours.map(({ rollup }) => rollup);
  const windows = meteredWindows(aggregation, rollups, size, within);
  const eventCount = rollups.reduce((count, rollup) => count + rollup.count, 0n);
  const places = hours.map(({ ref, rollup: { hourStart } }) => ({ ref, hourStart }));
  return { ...placesOf(places), windows, eventCount };
}

const placesOf = (hours: Awaited<ReturnType<typeof listDistinctHours>>) => ({
  refs: [...new Set(hours.map(({ ref }) => ref))],
  hours: hours.map(({ hourStart }) => hourStart),
});

/**
 * Whether an event came after the invoice was final. None did while the line counted as many as there
 * are now: where the clock stands still, all of it happens at one instant.
 */
function lateness(finalizedAt: string | null, step: UsageStep, eventCount: bigint | null) {
  const countsAll = eventCount !== null && String(eventCount) === step.eventCount;
  if (finalizedAt === null || countsAll) return () => false;
  const at = instant(finalizedAt);
  return ({ event }: MatchedEvent) => !isBefore(instant(event.receivedAt), at);
}
