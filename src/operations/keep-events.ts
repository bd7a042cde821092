import type { CoreDb } from "../db/database.ts";
import type { ClockName } from "../platform/jobs/job-table.ts";
import type { VerifiedEvent } from "../providers/verified-event.ts";
import { keepProviderEvents } from "../store/provider-events.ts";

/** An event of the provider, however it came in. */
export interface ArrivedEvent {
  readonly connectionId: string;
  readonly verified: VerifiedEvent;
  /** As it was signed, or listed. */
  readonly payload: string;
}

/** Keeps events once under their ids, and promises a look at what each speaks of. */
export const keepEvents = (
  db: CoreDb,
  clock: ClockName,
  dueAt: string,
  events: readonly ArrivedEvent[],
): Promise<void> =>
  keepProviderEvents(
    db,
    events.map(({ connectionId, verified: { eventId, type }, payload }) => ({
      connectionId,
      eventId,
      type,
      payload,
    })),
    events.map(
      ({ connectionId, verified: { eventId, externalId, invoiceId, told, carrier, related } }) => ({
        clock,
        kind: "process-provider-event",
        key: `${connectionId}:${eventId}`,
        payload: { connectionId, eventId, externalId, invoiceId, told, carrier, related },
        dueAt,
      }),
    ),
  );
