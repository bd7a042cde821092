import { sql } from "kysely";
import type { CoreDb } from "../db/database.ts";
import type { EventTypeFilter } from "../domain/metering/metric.ts";

/** A place in the order of events: by time, then by key. */
export interface EventPosition {
  /** Canonical instant. */
  readonly at: string;
  /** 32 hexadecimal digits. */
  readonly key: string;
}

/** Before every event of that instant: no digest is all zeros. */
export const startOf = (at: string): EventPosition => ({ at, key: "0".repeat(32) });

export interface CustomerEventsQuery {
  readonly environmentId: string;
  /** What the customer's events were sent with. */
  readonly refs: readonly string[];
  readonly after: EventPosition;
  /** Canonical instant; events before it. */
  readonly before: string;
  /** Events of other types come without properties. */
  readonly types: EventTypeFilter | null;
  readonly limit: number;
}

/** An event as it is stored. */
export interface PassedEvent {
  readonly position: EventPosition;
  readonly transactionId: string;
  readonly eventType: string;
  /** JSON text; null: its type was not asked for. */
  readonly properties: string | null;
  readonly receivedAt: string;
}

interface EventRow {
  key: string;
  transaction_id: string;
  event_type: string;
  event_at: string;
  received_at: string;
  properties: string | null;
}

/**
 * A customer's events of every type in order of time, the first `limit` after a position. Reads as
 * many entries of the index for each reference and no more, wherever in the customer's events it is.
 */
export async function listCustomerEvents(
  db: CoreDb,
  { environmentId, refs, after, before, types, limit }: CustomerEventsQuery,
): Promise<PassedEvent[]> {
  const { rows } = await sql<EventRow>`
    select replace(key::text, '-', '') as key, transaction_id, event_type, event_at, received_at,
      case when ${ofTypes(types)} then properties end as properties
    from unnest(${refs}::text[]) as given (ref), lateral (
      select * from usage_events
      where hashtextextended(customer_ref, 0) = hashtextextended(given.ref, 0)
        and customer_ref = given.ref and environment_id = ${environmentId}
        and (event_at, key) > (${after.at}::timestamptz, ${after.key}::uuid)
        and event_at >= ${after.at}::timestamptz and event_at < ${before}::timestamptz
      order by event_at, usage_events.key limit ${limit}) event
    order by event_at, event.key limit ${limit}`.execute(db);
  return rows.map((row) => ({
    position: { at: row.event_at, key: row.key },
    transactionId: row.transaction_id,
    eventType: row.event_type,
    properties: row.properties,
    receivedAt: row.received_at,
  }));
}

const ofTypes = (types: EventTypeFilter | null) => sql`
  (${types?.inValues ?? null}::text[] is null or event_type = any(${types?.inValues ?? null}::text[]))
  and (${types?.notInValues ?? null}::text[] is null
    or event_type <> all(${types?.notInValues ?? null}::text[]))`;
