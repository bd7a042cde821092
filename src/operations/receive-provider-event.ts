import type { CoreDb } from "../db/database.ts";
import { instantText } from "../domain/time.ts";
import { invalid } from "../errors.ts";
import type { AnyProvider, VerifiedEvent } from "../providers/provider.ts";
import { listConnections } from "../store/connections.ts";
import { keepProviderEvent } from "../store/provider-events.ts";
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
  const { eventId, type, externalId, invoiceId } = event;
  const payload = incoming.rawBody.toString("utf8");
  await keepProviderEvent(
    db,
    { connectionId, eventId, type, payload },
    {
      clock: environment.name,
      kind: "process-provider-event",
      key: `${connectionId}:${eventId}`,
      payload: { connectionId, eventId, externalId, invoiceId },
      dueAt,
    },
  );
}
