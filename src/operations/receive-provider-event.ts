import type { CoreDb } from "../db/database.ts";
import { instantText } from "../domain/time.ts";
import { AppError, invalid } from "../errors.ts";
import type { AnyProvider } from "../providers/provider.ts";
import type { ProviderConnection } from "../providers/provider-connection.ts";
import { listConnections } from "../store/connections.ts";
import { findEnvironmentOfClient } from "../store/environments.ts";
import type { Environment, Services } from "./context.ts";
import { gatherRequests } from "./gather-requests.ts";
import { type ArrivedEvent, keepEvents } from "./keep-events.ts";
import { openStored } from "./open-connection.ts";

export interface IncomingEvent {
  /** What the address names: not yet known to exist. */
  readonly clientId: string;
  readonly environmentName: string;
  readonly rawBody: Buffer;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

interface IntakeDeps {
  readonly db: CoreDb;
  readonly services: Services;
  /** Environments that were found, by their addresses: what an address names never changes. */
  readonly known: Map<string, Environment>;
}

/** In bytes of what waits; anybody can send to these addresses. */
const LIMITS = {
  lanes: 2,
  gatherMs: 5,
  maxBatchWeight: 1_000_000,
  maxWaitingWeight: 64_000_000,
};

/** What an event of nothing but headers weighs. */
const LEAST_WEIGHT = 1000;

/**
 * Takes in one provider's events: each is verified on its raw bytes, kept once under its id, and
 * answered when that is committed; a job looks at the provider later. Events that come together are
 * kept in one statement. Rejects with AppError: not_found when the address names no environment,
 * invalid when no connection's secret fits, unavailable when too much waits.
 */
export const openEventIntake = (
  deps: Omit<IntakeDeps, "known">,
  provider: AnyProvider,
): ((event: IncomingEvent) => Promise<true>) => {
  const known = new Map<string, Environment>();
  return gatherRequests<IncomingEvent, true>({
    ...LIMITS,
    weigh: ({ rawBody }) => LEAST_WEIGHT + rawBody.length,
    run: (events) => receiveAll({ ...deps, known }, provider, events),
  });
};

async function receiveAll(
  deps: IntakeDeps,
  provider: AnyProvider,
  events: readonly IncomingEvent[],
): Promise<(true | AppError)[]> {
  const outcomes = new Map<IncomingEvent, true | AppError>();
  const byAddress = Map.groupBy(events, addressOf);
  for (const together of byAddress.values()) {
    const done = await receiveAtAddress(deps, provider, together);
    for (const [index, event] of together.entries()) {
      const outcome = done[index];
      if (outcome !== undefined) outcomes.set(event, outcome);
    }
  }
  return events.map((event) => outcomes.get(event) ?? addressUnknown());
}

/** One text for each address, in whatever case it was written: what is remembered stays small. */
const addressOf = ({ clientId, environmentName }: IncomingEvent): string =>
  `${clientId.toLowerCase()}/${environmentName}`;

async function findEnvironment(
  { db, known }: IntakeDeps,
  event: IncomingEvent,
): Promise<Environment | undefined> {
  const address = addressOf(event);
  const found =
    known.get(address) ??
    (await findEnvironmentOfClient(db, event.clientId, event.environmentName));
  if (found !== undefined) known.set(address, found);
  return found;
}

const addressUnknown = () =>
  new AppError("not_found", "EnvironmentNotFound", "No such webhook address");

const signatureUnfit = () =>
  invalid("The webhook's signature does not fit any connection, or it is too old", "signature");

/** Events at one address. */
async function receiveAtAddress(
  deps: IntakeDeps,
  provider: AnyProvider,
  events: readonly IncomingEvent[],
): Promise<(true | AppError)[]> {
  const { db, services } = deps;
  const [first] = events;
  if (first === undefined) return [];
  const environment = await findEnvironment(deps, first);
  if (environment === undefined) return events.map(addressUnknown);
  const connections = await listConnections(db, environment.id, provider.name);
  const opened = connections.map((each) => openStored(services, each, environment.name));
  const verified = events.map((event) => verify(provider, opened, event));
  const kept = verified.flatMap((each) => each ?? []);
  const dueAt = instantText(await services.clock.now(environment.name));
  await keepEvents(db, environment.name, dueAt, kept);
  return verified.map((event) => (event === undefined ? signatureUnfit() : true));
}

/**
 * The events of a delivery, as they are kept under the connections whose secrets signed it: one secret may
 * be that of several accounts. undefined: no secret fits.
 */
function verify(
  provider: AnyProvider,
  connections: readonly ProviderConnection[],
  { rawBody, headers }: IncomingEvent,
): readonly ArrivedEvent[] | undefined {
  const fitting = connections.flatMap((connection) => {
    const events = provider.verifyWebhook(connection, rawBody, headers);
    return events === undefined ? [] : [{ connectionId: connection.id, events }];
  });
  if (fitting.length === 0) return undefined;
  return fitting.flatMap(({ connectionId, events }) =>
    events.map(({ payload = rawBody.toString("utf8"), ...verified }) => ({
      connectionId,
      verified,
      payload,
    })),
  );
}
