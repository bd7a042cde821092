import { sql } from "kysely";
import type { CoreDb } from "../db/database.ts";
import { enqueueJobs } from "../platform/jobs/enqueue.ts";
import type { NewJob } from "../platform/jobs/job-table.ts";

export interface ProviderEvent {
  readonly connectionId: string;
  readonly eventId: string;
  readonly type: string;
  /** The verified reading of the event, as JSON text beside the raw bytes. */
  readonly payload: string;
}

/** Keeps an event under its own id, and promises the job; does nothing when it was kept before. */
export async function keepProviderEvent(
  db: CoreDb,
  event: ProviderEvent,
  job: NewJob,
): Promise<void> {
  await enqueueJobs(
    db,
    "core_jobs",
    [job],
    sql`insert into provider_events (connection_id, event_id, type, payload)
      values (${event.connectionId}, ${event.eventId}, ${event.type}, ${event.payload})
      on conflict (connection_id, event_id) do nothing returning event_id`,
  );
}

/** The events were looked into; they are not looked into again. */
export async function updateProviderEventsProcessed(
  db: CoreDb,
  events: readonly Pick<ProviderEvent, "connectionId" | "eventId">[],
  processedAt: string,
): Promise<void> {
  await sql`update provider_events event set processed_at = ${processedAt}::timestamptz
    from unnest(${events.map(({ connectionId }) => connectionId)}::uuid[],
      ${events.map(({ eventId }) => eventId)}::text[]) as seen (connection_id, event_id)
    where event.connection_id = seen.connection_id and event.event_id = seen.event_id`.execute(db);
}
