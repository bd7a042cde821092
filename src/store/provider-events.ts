import { sql } from "kysely";
import type { CoreDb } from "../db/database.ts";
import { enqueueJobs } from "../platform/jobs/enqueue.ts";
import type { NewJob } from "../platform/jobs/job-table.ts";

export interface KeptEvent {
  readonly connectionId: string;
  readonly eventId: string;
  readonly type: string;
  /** The body, as it was signed. */
  readonly payload: string;
}

/**
 * Keeps events under their own ids, and promises the job of each; does nothing for those that were
 * kept before. A job's key is its event's `connection id:event id`.
 */
export async function keepProviderEvents(
  db: CoreDb,
  events: readonly KeptEvent[],
  jobs: readonly NewJob[],
): Promise<void> {
  const of = (value: (event: KeptEvent) => string): string[] => events.map(value);
  await enqueueJobs(
    db,
    "core_jobs",
    jobs,
    sql`insert into provider_events (connection_id, event_id, type, payload)
      select connection_id, event_id, type, payload
      from unnest(${of(({ connectionId }) => connectionId)}::uuid[],
        ${of(({ eventId }) => eventId)}::text[], ${of(({ type }) => type)}::text[],
        ${of(({ payload }) => payload)}::text[]) as event (connection_id, event_id, type, payload)
      order by connection_id, event_id
      on conflict (connection_id, event_id) do nothing
      returning connection_id || ':' || event_id as key`,
  );
}

/** The events were looked into; they are not looked into again. */
export async function updateProviderEventsProcessed(
  db: CoreDb,
  events: readonly Pick<KeptEvent, "connectionId" | "eventId">[],
  processedAt: string,
): Promise<void> {
  await sql`update provider_events event set processed_at = ${processedAt}::timestamptz
    from unnest(${events.map(({ connectionId }) => connectionId)}::uuid[],
      ${events.map(({ eventId }) => eventId)}::text[]) as seen (connection_id, event_id)
    where event.connection_id = seen.connection_id and event.event_id = seen.event_id`.execute(db);
}
