import type { CoreDb } from "../db/database.ts";
import { instantText } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import { inTransaction } from "../platform/database/database.ts";
import { enqueueJob } from "../platform/jobs/enqueue.ts";
import type { AnyProvider, VerifiedEvent } from "../providers/provider.ts";
import { listConnections } from "../store/connections.ts";
import { insertProviderEvent } from "../store/provider-events.ts";
import type { Environment, Services } from "./context.ts";
import { openConnection } from "./open-connection.ts";

export interface IncomingEvent {
  readonly rawBody: Buffer;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** The connection whose secret signed the event. */
async function verify(
  db: CoreDb,
  services: Services,
  environment: Environment,
  provider: AnyProvider,
  { rawBody, headers }: IncomingEvent,
): Promise<{ connectionId: string; event: VerifiedEvent } | undefined> {
  for (const connection of await listConnections(db, environment.id, provider.name)) {
    const opened = openConnection(services.vault, connection, environment.name);
    const event = provider.verifyWebhook(opened, rawBody, headers);
    if (event !== undefined) return { connectionId: connection.id, event };
  }
  return undefined;
}

/**
 * Takes in a provider's event: verified on its raw bytes, kept once under its id, answered at once;
 * a job looks at the provider later. Throws AppError when no connection's secret fits.
 */
export async function receiveProviderEvent(
  db: CoreDb,
  services: Services,
  environment: Environment,
  provider: AnyProvider,
  incoming: IncomingEvent,
): Promise<void> {
  const verified = await verify(db, services, environment, provider, incoming);
  if (verified === undefined) {
    throw invalid(
      "The webhook's signature does not fit any connection, or it is too old",
      "signature",
    );
  }
  const { connectionId, event } = verified;
  const dueAt = instantText(await services.clock.now(environment.name));
  await inTransaction(db, async (tx) => {
    const isNew = await insertProviderEvent(tx, {
      connectionId,
      eventId: event.eventId,
      type: event.type,
      payload: incoming.rawBody.toString("utf8"),
    });
    if (!isNew) return;
    const { eventId, externalId, invoiceId } = event;
    await enqueueJob(tx, "core_jobs", {
      clock: environment.name,
      kind: "process-provider-event",
      key: `${connectionId}:${eventId}`,
      payload: { connectionId, eventId, externalId, invoiceId },
      dueAt,
    });
  });
}
