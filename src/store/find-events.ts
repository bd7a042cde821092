import { sql } from "kysely";
import type { CoreDb } from "../db/database.ts";

/** An event as it came in. */
export interface FoundEvent {
  /** Of its transaction id, as a uuid. */
  readonly key: string;
  readonly transactionId: string;
  readonly customerRef: string;
  readonly eventType: string;
  readonly at: string;
  /** JSON text. */
  readonly properties: string;
  readonly receivedAt: string;
  /** False: it was too old when it came. */
  readonly counts: boolean;
}

interface EventRow {
  key: string;
  transaction_id: string;
  customer_ref: string;
  event_type: string;
  event_at: string;
  properties: string;
  received_at: string;
  counts: boolean;
}

/** The events of these keys (md5 digests), whenever they happened, by key in hexadecimal digits. */
export async function findEvents(
  db: CoreDb,
  keys: readonly string[],
): Promise<ReadonlyMap<string, FoundEvent>> {
  if (keys.length === 0) return new Map();
  const columns =
    sql.raw(`event.key, transaction_id, event.customer_ref, event_type, event.event_at,
    properties, received_at`);
  const { rows } = await sql<EventRow>`
    select ${columns}, true as counts from usage_event_keys located
    join lateral (select * from usage_events
      where hashtextextended(customer_ref, 0) = located.ref_hash and event_at = located.event_at
        and usage_events.key = located.key) event on true
    where located.key = any(${keys}::uuid[])
    union all
    select ${columns}, false from usage_events_too_old event
    where key = any(${keys}::uuid[])`.execute(db);
  return new Map(
    rows.map((row) => [
      row.key.replaceAll("-", ""),
      {
        key: row.key,
        transactionId: row.transaction_id,
        customerRef: row.customer_ref,
        eventType: row.event_type,
        at: row.event_at,
        properties: row.properties,
        receivedAt: row.received_at,
        counts: row.counts,
      },
    ]),
  );
}
