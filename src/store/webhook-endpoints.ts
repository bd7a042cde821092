import type { Selectable } from "kysely";
import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { WebhookEndpointsTable } from "../db/tables/webhooks.ts";
import type { EndpointHealth } from "../domain/webhooks/delivery-plan.ts";
import { notFound } from "../errors.ts";

export interface WebhookEndpoint extends EndpointHealth {
  readonly id: string;
  readonly environmentId: string;
  readonly url: string;
  /** Encrypted; null = the environment's secret signs. */
  readonly sealedSecret: string | null;
  /** null = every type. */
  readonly eventTypes: readonly string[] | null;
  /** What the integrations API calls it; null where nobody did. */
  readonly name: string | null;
  readonly description: string | null;
  readonly code: string | null;
  /** False: switched off by hand. */
  readonly active: boolean;
  /** Encrypted; goes along with each message. */
  readonly sealedApiKey: string | null;
  readonly version: number;
  readonly createdAt: string;
  readonly archivedAt: string | null;
  readonly position: bigint;
}

const fromRow = (row: Selectable<WebhookEndpointsTable>): WebhookEndpoint => ({
  id: row.id,
  environmentId: row.environment_id,
  url: row.url,
  sealedSecret: row.secret,
  eventTypes: row.event_types,
  name: row.name,
  description: row.description,
  code: row.code,
  active: row.active,
  sealedApiKey: row.api_key,
  version: row.version,
  consecutiveFailures: row.consecutive_failures,
  consecutiveTimeouts: row.consecutive_timeouts,
  failingSinceAt: row.failing_since_at,
  probeDeliveryId: row.probe_delivery_id,
  disabledAt: row.disabled_at,
  createdAt: row.created_at,
  archivedAt: row.archived_at,
  position: row.position,
});

/** What an endpoint has as a destination of the integrations API. */
export interface EndpointNaming {
  readonly name?: string | null;
  readonly description?: string | null;
  readonly code?: string | null;
  readonly active?: boolean;
  readonly sealedApiKey?: string | null;
}

export interface NewWebhookEndpoint extends EndpointNaming {
  readonly environmentId: string;
  readonly url: string;
  readonly sealedSecret: string | null;
  readonly eventTypes: readonly string[] | null;
  readonly createdAt: string;
}

const toColumns = ({ name, description, code, active, sealedApiKey }: EndpointNaming) => ({
  ...(name === undefined ? {} : { name }),
  ...(description === undefined ? {} : { description }),
  ...(code === undefined ? {} : { code }),
  ...(active === undefined ? {} : { active }),
  ...(sealedApiKey === undefined ? {} : { api_key: sealedApiKey }),
});

/** Adds an endpoint that gets every message sent from now on. */
export async function insertWebhookEndpoint(
  db: CoreDb,
  endpoint: NewWebhookEndpoint,
): Promise<WebhookEndpoint> {
  const row = await db
    .insertInto("webhook_endpoints")
    .values({
      environment_id: endpoint.environmentId,
      url: endpoint.url,
      secret: endpoint.sealedSecret,
      event_types: endpoint.eventTypes === null ? null : JSON.stringify(endpoint.eventTypes),
      created_at: endpoint.createdAt,
      ...toColumns(endpoint),
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return fromRow(row);
}

/** The environment's endpoint of that id, unless it was deleted. Throws not_found. */
export async function getWebhookEndpoint(
  db: CoreDb,
  environmentId: string,
  id: string,
): Promise<WebhookEndpoint> {
  const row = await db
    .selectFrom("webhook_endpoints")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("id", "=", id)
    .where("archived_at", "is", null)
    .executeTakeFirst();
  if (row === undefined) throw notFound("webhook endpoint", id);
  return fromRow(row);
}

/** One page of the environment's endpoints, oldest first; one row more than `limit`. */
export async function listWebhookEndpoints(
  db: CoreDb,
  environmentId: string,
  after: bigint | undefined,
  limit: number,
): Promise<WebhookEndpoint[]> {
  const rows = await db
    .selectFrom("webhook_endpoints")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("archived_at", "is", null)
    .where("position", ">", after ?? 0n)
    .orderBy("position")
    .limit(limit + 1)
    .execute();
  return rows.map(fromRow);
}

/** Every endpoint of the environment that wants messages of this type, disabled ones included, switched off ones not. */
export async function listSubscribedEndpoints(
  db: CoreDb,
  environmentId: string,
  type: string,
): Promise<WebhookEndpoint[]> {
  const rows = await db
    .selectFrom("webhook_endpoints")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("archived_at", "is", null)
    .where("active", "=", true)
    .orderBy("position")
    .execute();
  return rows
    .map(fromRow)
    .filter((endpoint) => endpoint.eventTypes === null || endpoint.eventTypes.includes(type));
}

/** The endpoint, deleted or not, held until the end of the transaction. Throws not_found. */
export async function lockWebhookEndpoint(
  tx: CoreTransaction,
  id: string,
): Promise<WebhookEndpoint> {
  const row = await tx
    .selectFrom("webhook_endpoints")
    .selectAll()
    .where("id", "=", id)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw notFound("webhook endpoint", id);
  return fromRow(row);
}

export interface EndpointChanges extends EndpointNaming {
  readonly url?: string;
  readonly sealedSecret?: string;
  readonly version: number;
}

/** Changes the given facts; to be called while its row is locked. */
export async function updateWebhookEndpoint(
  tx: CoreTransaction,
  id: string,
  { url, sealedSecret, version, ...naming }: EndpointChanges,
): Promise<void> {
  await tx
    .updateTable("webhook_endpoints")
    .set({
      version,
      ...(url === undefined ? {} : { url }),
      ...(sealedSecret === undefined ? {} : { secret: sealedSecret }),
      ...toColumns(naming),
    })
    .where("id", "=", id)
    .execute();
}

/** Stores how the endpoint does; to be called while its row is locked. */
export async function updateEndpointHealth(
  tx: CoreTransaction,
  id: string,
  health: EndpointHealth,
): Promise<void> {
  await tx
    .updateTable("webhook_endpoints")
    .set({
      consecutive_failures: health.consecutiveFailures,
      consecutive_timeouts: health.consecutiveTimeouts,
      failing_since_at: health.failingSinceAt,
      probe_delivery_id: health.probeDeliveryId,
      disabled_at: health.disabledAt,
    })
    .where("id", "=", id)
    .execute();
}

/** Deletes an endpoint for the outside; its deliveries stay readable in the database. */
export async function archiveWebhookEndpoint(
  tx: CoreTransaction,
  id: string,
  archivedAt: string,
): Promise<void> {
  await tx
    .updateTable("webhook_endpoints")
    .set({ archived_at: archivedAt })
    .where("id", "=", id)
    .execute();
}
