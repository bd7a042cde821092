import Stripe from "stripe";
import type { Credential, ProviderConnection } from "../provider-connection.ts";
import { fromReadError, isMissing } from "./errors.ts";
import { EVENT_TYPES, givenSecrets, type OwnEndpoint, ownEndpoints } from "./webhooks.ts";

const OWNER = "ledgerline_connection_id";
const EVERYTHING = "*";

/** The version whose shapes this release knows. A new endpoint renders its events in it. */
export const PINNED_VERSION = Stripe.API_VERSION as string;

/** What of the events that we need an endpoint does not hear. */
export const missingTypes = ({ enabled_events: heard }: Stripe.WebhookEndpoint): string[] =>
  heard.includes(EVERYTHING) ? [] : EVENT_TYPES.filter((type) => !heard.includes(type));

/** Endpoints of the account that we made for this connection, and that others made at our address. */
export interface FoundEndpoints {
  readonly ours: readonly Stripe.WebhookEndpoint[];
  readonly byHand: readonly Stripe.WebhookEndpoint[];
}

/** Throws what the client throws. */
export async function findEndpoints(
  stripe: Stripe,
  { id }: ProviderConnection,
  url: string | undefined,
): Promise<FoundEndpoints> {
  const ours: Stripe.WebhookEndpoint[] = [];
  const byHand: Stripe.WebhookEndpoint[] = [];
  for await (const endpoint of stripe.webhookEndpoints.list({ limit: 100 })) {
    if (endpoint.metadata[OWNER] === id) ours.push(endpoint);
    else if (endpoint.url === url) byHand.push(endpoint);
  }
  return { ours, byHand };
}

/** Before there were several, the one endpoint stood beside the secrets. */
const knownIds = (connection: ProviderConnection): ReadonlySet<unknown> =>
  new Set([
    ...ownEndpoints(connection).map(({ id }) => id),
    ...(givenSecrets(connection).length > 0 ? [connection.credential.webhook_endpoint_id] : []),
  ]);

function withEndpoints(
  { credential }: ProviderConnection,
  endpoints: readonly OwnEndpoint[],
): Credential {
  const { subscription: _before, ...rest } = credential;
  return endpoints.length === 0 ? rest : { ...rest, subscription: { endpoints } };
}

async function createEndpoint(
  stripe: Stripe,
  { id }: ProviderConnection,
  url: string,
): Promise<OwnEndpoint> {
  const created = await stripe.webhookEndpoints.create({
    url,
    enabled_events: [...EVENT_TYPES],
    api_version: PINNED_VERSION as Stripe.WebhookEndpointCreateParams["api_version"] & string,
    metadata: { [OWNER]: id },
  });
  return { id: created.id, secret: created.secret ?? "" };
}

/**
 * Points our endpoints at `url` and switches them on again. They keep their secrets and what they were
 * not sent yet. Others that an earlier start of ours left are removed: their secrets are lost, because
 * they are shown once. Answers the ids of those that stand.
 */
async function keepEndpoints(
  stripe: Stripe,
  connection: ProviderConnection,
  ours: readonly Stripe.WebhookEndpoint[],
  url: string,
): Promise<ReadonlySet<unknown>> {
  const known = knownIds(connection);
  const standing = new Set<unknown>();
  for (const endpoint of ours) {
    if (!known.has(endpoint.id)) {
      await deleteEndpoint(stripe, endpoint.id);
      continue;
    }
    standing.add(endpoint.id);
    const isRight =
      endpoint.url === url && endpoint.status === "enabled" && missingTypes(endpoint).length === 0;
    if (isRight) continue;
    const enabled_events = [...EVENT_TYPES];
    await stripe.webhookEndpoints.update(endpoint.id, { url, disabled: false, enabled_events });
  }
  return standing;
}

/** Gone already is as good. */
async function deleteEndpoint(stripe: Stripe, id: string): Promise<void> {
  try {
    await stripe.webhookEndpoints.del(id);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** One that somebody set up at our address serves as well, when its secret was given. */
const isServedByHand = (connection: ProviderConnection, { byHand }: FoundEndpoints): boolean =>
  givenSecrets(connection).length > 0 && byHand.some(({ status }) => status === "enabled");

/**
 * Makes Stripe send its events to `url` and answers the credential with the secret they are signed
 * with; the very one that was given when nothing changed. Safe to call again and again. Throws
 * ProviderReadError.
 */
export async function subscribeToEvents(
  stripe: Stripe,
  connection: ProviderConnection,
  url: string,
): Promise<Credential> {
  try {
    const found = await findEndpoints(stripe, connection, url);
    const standing = await keepEndpoints(stripe, connection, found.ours, url);
    const endpoints = ownEndpoints(connection);
    const kept = endpoints.filter(({ id }) => standing.has(id));
    if (standing.size === 0 && !isServedByHand(connection, found)) {
      return withEndpoints(connection, [await createEndpoint(stripe, connection, url)]);
    }
    return kept.length === endpoints.length
      ? connection.credential
      : withEndpoints(connection, kept);
  } catch (error) {
    throw fromReadError(error);
  }
}

/** A second endpoint with a new secret beside those there are. Throws ProviderReadError. */
export async function rotateSecret(
  stripe: Stripe,
  connection: ProviderConnection,
  url: string,
): Promise<Credential> {
  try {
    const created = await createEndpoint(stripe, connection, url);
    return withEndpoints(connection, [created, ...ownEndpoints(connection)]);
  } catch (error) {
    throw fromReadError(error);
  }
}

/** Removes all our endpoints but the newest. Throws ProviderReadError. */
export async function retireEndpoints(
  stripe: Stripe,
  connection: ProviderConnection,
): Promise<Credential> {
  const [newest, ...old] = ownEndpoints(connection);
  if (newest === undefined || old.length === 0) return connection.credential;
  try {
    for (const { id } of old) await deleteEndpoint(stripe, id);
    return withEndpoints(connection, [newest]);
  } catch (error) {
    throw fromReadError(error);
  }
}

/** Removes all our endpoints. Throws ProviderReadError. */
export async function unsubscribe(
  stripe: Stripe,
  connection: ProviderConnection,
): Promise<Credential> {
  try {
    const { ours } = await findEndpoints(stripe, connection, undefined);
    for (const { id } of ours) await deleteEndpoint(stripe, id);
    return withEndpoints(connection, []);
  } catch (error) {
    throw fromReadError(error);
  }
}
