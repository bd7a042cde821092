import type { CoreDb } from "../db/database.ts";

export interface ProviderEvent {
  readonly connectionId: string;
  readonly eventId: string;
  readonly type: string;
  /** The verified reading of the event, as JSON text beside the raw bytes. */
  readonly payload: string;
}

/** Keeps an event under its own id. False when it was kept before. */
export async function insertProviderEvent(db: CoreDb, event: ProviderEvent): Promise<boolean> {
  const row = await db
    .insertInto("provider_events")
    .values({
      connection_id: event.connectionId,
      event_id: event.eventId,
      type: event.type,
      payload: event.payload,
    })
    .onConflict((conflict) => conflict.columns(["connection_id", "event_id"]).doNothing())
    .returning("event_id")
    .executeTakeFirst();
  return row !== undefined;
}

/** The event was looked into; it is not looked into again. */
export async function updateProviderEventProcessed(
  db: CoreDb,
  connectionId: string,
  eventId: string,
  processedAt: string,
): Promise<void> {
  await db
    .updateTable("provider_events")
    .set({ processed_at: processedAt })
    .where("connection_id", "=", connectionId)
    .where("event_id", "=", eventId)
    .execute();
}
