import { sql } from "kysely";
import type { CoreTransaction } from "../db/database.ts";
import type { UsageEvent } from "../domain/metering/usage-event.ts";
import { arrayLiteral, textArray } from "./sql/arrays.ts";
import { rollUpAccepted, type UsageContributions } from "./sql/record-usage.ts";

export interface UsageBatch extends UsageContributions {
  readonly environmentId: string;
  /** The list of metrics the contributions were made with. */
  readonly metricsVersion: bigint;
  readonly receivedAt: string;
  /** No two with the same key. */
  readonly events: readonly BatchEvent[];
}

export interface BatchEvent {
  /** md5 of "environment id:transaction id". */
  readonly key: string;
  readonly event: UsageEvent;
  /** False: too old, kept aside. */
  readonly counts: boolean;
}

export interface RecordedUsage {
  /** False: a metric was created meanwhile and nothing was stored. */
  readonly isCurrent: boolean;
  /** How many events were new. */
  readonly accepted: number;
}

/**
 * Stores the events whose transaction id was never seen before and adds these, and only these, to
 * the rollups. One statement: sent twice, it does nothing the second time. The caller holds the
 * metrics lock (lockMetrics).
 */
export async function insertUsageBatch(
  tx: CoreTransaction,
  batch: UsageBatch,
): Promise<RecordedUsage> {
  const { events } = batch;
  const columns = sql.raw(`environment_id, key, transaction_id, customer_ref, event_type, event_at,
    properties, received_at`);
  const { rows } = await sql<{ is_current: boolean; accepted: number }>`
    with current as materialized (
      select 1 from usage_metric_versions
      where environment_id = ${batch.environmentId} and version = ${batch.metricsVersion}),
    batch as materialized (
      select ${batch.environmentId}::uuid as environment_id, key, transaction_id, customer_ref,
        event_type, event_at, properties, ${batch.receivedAt}::timestamptz as received_at, counts,
        (ordinality - 1)::int as place
      from unnest(${arrayLiteral(events.map(({ key }) => key))}::uuid[],
        ${textArray(events.map(({ event }) => event.transactionId))},
        ${textArray(events.map(({ event }) => event.customerRef))},
        ${textArray(events.map(({ event }) => event.eventType))},
        ${arrayLiteral(events.map(({ event }) => event.at.text))}::timestamptz[],
        ${textArray(events.map(({ event }) => event.propertiesText))},
        ${arrayLiteral(events.map(({ counts }) => String(counts)))}::boolean[])
        with ordinality as given
          (key, transaction_id, customer_ref, event_type, event_at, properties, counts, ordinality)
      where exists (select from current)),
    fresh as (
      insert into usage_event_keys (key, ref_hash, event_at)
      select key, hashtextextended(customer_ref, 0), event_at from batch order by key
      on conflict do nothing returning key),
    accepted as materialized (
      select place, customer_ref, event_at from batch join fresh using (key)),
    stored as (
      insert into usage_events (${columns})
      select ${columns} from batch join fresh using (key) where counts),
    kept_aside as (
      insert into usage_events_too_old (${columns})
      select ${columns} from batch join fresh using (key) where not counts),
    ${rollUpAccepted(batch)}
    select exists (select from current) as is_current,
      (select count(*)::int from accepted) as accepted`.execute(tx);
  const row = rows[0];
  return { isCurrent: row?.is_current ?? false, accepted: row?.accepted ?? 0 };
}

export interface StoredEvents extends UsageContributions {
  readonly events: readonly { readonly customerRef: string; readonly eventAt: string }[];
}

/** Adds contributions of events that are stored already, for a metric that is new. */
export async function insertBackfill(tx: CoreTransaction, batch: StoredEvents): Promise<void> {
  if (batch.contributions.length === 0) return;
  await sql`
    with accepted as materialized (
      select customer_ref, event_at, (ordinality - 1)::int as place
      from unnest(${textArray(batch.events.map(({ customerRef }) => customerRef))},
        ${arrayLiteral(batch.events.map(({ eventAt }) => eventAt))}::timestamptz[])
        with ordinality as given (customer_ref, event_at, ordinality)),
    ${rollUpAccepted(batch)}
    select 1`.execute(tx);
}

export interface StoredEventRow {
  readonly customer_ref: string;
  readonly event_type: string;
  readonly event_at: string;
  readonly properties: string;
}

const PAGE_SIZE = 5000;

/** Every event of the environment that counts, page by page; only these types, if they are given. */
export async function* listStoredEvents(
  tx: CoreTransaction,
  environmentId: string,
  eventTypes: readonly string[] | undefined,
): AsyncGenerator<StoredEventRow[]> {
  const ofTypes =
    eventTypes === undefined
      ? sql``
      : sql`and event_type in (${sql.join(eventTypes.map(sql.lit))})`;
  // A cursor takes no parameters; sql.lit quotes.
  await sql`declare stored_events no scroll cursor for
    select customer_ref, event_type, event_at, properties from usage_events
    where environment_id = ${sql.lit(environmentId)} ${ofTypes}`.execute(tx);
  for (;;) {
    const { rows } =
      await sql<StoredEventRow>`fetch ${sql.lit(PAGE_SIZE)} from stored_events`.execute(tx);
    if (rows.length > 0) yield rows;
    if (rows.length < PAGE_SIZE) break;
  }
  await sql`close stored_events`.execute(tx);
}
