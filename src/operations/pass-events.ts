import type { CoreDb } from "../db/database.ts";
import type { Decimal } from "../domain/decimal.ts";
import { toContribution } from "../domain/metering/contribution.ts";
import type { Metric } from "../domain/metering/metric.ts";
import type { GroupValues } from "../domain/metering/rollup.ts";
import { type Instant, type Interval, instant, instantText, isBefore } from "../domain/time.ts";
import { parseExact } from "../platform/json/exact-json.ts";
import {
  type EventPosition,
  listCustomerEvents,
  type PassedEvent,
  startOf,
} from "../store/customer-events.ts";

/** An event that counts, with what it adds to the metric. */
export interface MatchedEvent {
  readonly event: PassedEvent;
  readonly properties: Readonly<Record<string, unknown>>;
  /** The number; of UNIQUE the text that is counted once; of COUNT 1. */
  readonly value: Decimal | string | bigint;
}

export interface EventSource {
  readonly environmentId: string;
  readonly refs: readonly string[];
  readonly metric: Metric;
  readonly groupValues: GroupValues;
  readonly window: Interval;
  /** Starts of the hours in which the metric counted something, ascending; one may come again. */
  readonly hours: readonly Instant[];
}

export interface MatchedPage {
  readonly events: readonly MatchedEvent[];
  /** Where to go on; undefined at the end. */
  readonly next: EventPosition | undefined;
}

/** The most events that one page looks at, those of other metrics and groups included. */
const MOST_PASSED = 20_000;
const CHUNK = 2000;
const HOUR_MS = 3_600_000;

/**
 * The first `limit` events after a position that count for the metric and the group values. Hours in
 * which none does are skipped. Fewer than `limit` with a `next`: the page has looked at enough.
 */
export async function passEvents(
  db: CoreDb,
  source: EventSource,
  after: EventPosition | undefined,
  limit: number,
): Promise<MatchedPage> {
  const events: MatchedEvent[] = [];
  const { start } = source.window;
  const isWithin = after !== undefined && !isBefore(instant(after.at), start);
  let position = skipEmptyHours(source, isWithin ? after : startOf(instantText(start)));
  let size = limit + 1;
  for (let passed = 0; position !== undefined && passed < MOST_PASSED; ) {
    const rows = await listCustomerEvents(db, {
      environmentId: source.environmentId,
      refs: source.refs,
      after: position,
      before: instantText(source.window.end),
      types: source.metric.eventTypeFilter,
      limit: size,
    });
    for (const row of rows) {
      const matched = matchRow(source, row);
      if (matched === undefined) continue;
      if (events.length === limit) return { events, next: events.at(-1)?.event.position };
      events.push(matched);
    }
    const last = rows.at(-1);
    if (last === undefined || rows.length < size) return { events, next: undefined };
    passed += rows.length;
    position = skipEmptyHours(source, last.position);
    size = CHUNK;
  }
  return { events, next: position };
}

/** The position itself, or the start of the next hour in which something counts; undefined: of none. */
function skipEmptyHours(
  { hours }: EventSource,
  position: EventPosition,
): EventPosition | undefined {
  const ms = instant(position.at).epochMilliseconds;
  const hour = hours.find(({ epochMilliseconds: startMs }) => startMs + HOUR_MS > ms);
  if (hour === undefined) return undefined;
  return hour.epochMilliseconds <= ms ? position : startOf(instantText(hour));
}

function matchRow(
  { metric, groupValues }: EventSource,
  event: PassedEvent,
): MatchedEvent | undefined {
  if (event.properties === null) return undefined;
  const properties = parseExact(event.properties) as Readonly<Record<string, unknown>>;
  const found = toContribution(metric, { eventType: event.eventType, properties });
  if (found === undefined) return undefined;
  const isOfGroup = Object.entries(groupValues).every(
    ([name, value]) => Object.hasOwn(found.groupValues, name) && found.groupValues[name] === value,
  );
  if (!isOfGroup) return undefined;
  return { event, properties, value: found.value ?? found.uniqueText ?? 1n };
}
