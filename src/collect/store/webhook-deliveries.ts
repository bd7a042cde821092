import type { Selectable } from "kysely";
import { sql } from "kysely";
import type { WebhookDeliveriesTable } from "../db/foundation-tables.ts";
import type { Scope } from "../scope.ts";
import { type EventRow, mapEvents } from "./events.ts";
import { mapWebhookEndpoints, type WebhookEndpointRow } from "./webhook-endpoints.ts";

export type DeliveryRow = Selectable<WebhookDeliveriesTable>;

/** Enabled endpoints of the scope that want this type of event. */
export async function listSubscribedEndpoints(
  scope: Scope,
  type: string,
): Promise<WebhookEndpointRow[]> {
  const wants = ({ enabled_events: events }: WebhookEndpointRow) =>
    events.includes(type) || events.includes("*");
  return (await listEnabledEndpoints(scope)).filter(wants);
}

/** What a transaction has read: it tells of many things, mostly to nobody. */
const enabledIn = new WeakMap<Scope["tx"], Promise<readonly WebhookEndpointRow[]>>();

function listEnabledEndpoints(scope: Scope): Promise<readonly WebhookEndpointRow[]> {
  const known = enabledIn.get(scope.tx);
  if (known !== undefined) return known;
  const read = scope.tx
    .selectFrom("webhook_endpoints")
    .selectAll()
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("status", "=", "enabled")
    .orderBy("id")
    .execute();
  enabledIn.set(scope.tx, read);
  return read;
}

/** Adds pending deliveries of events to endpoints, and returns their numbers in that order. */
export async function insertDeliveries(
  scope: Scope,
  deliveries: readonly { readonly eventId: string; readonly endpointId: string }[],
): Promise<bigint[]> {
  if (deliveries.length === 0) return [];
  const { rows } = await sql<{ id: bigint }>`with added as (
      insert into collect.webhook_deliveries (event_id, webhook_endpoint_id, state, promised_at)
      select event_id, endpoint_id, 'pending', ${scope.base.nowAt}::timestamptz
      from unnest(${deliveries.map(({ eventId }) => eventId)}::text[],
        ${deliveries.map(({ endpointId }) => endpointId)}::text[])
        with ordinality as wanted (event_id, endpoint_id, position)
      order by position
      returning id)
    select id from added order by id`.execute(scope.tx);
  return rows.map(({ id }) => id);
}

/** How many endpoints have not got each of these events yet. */
export async function countPending(
  scope: Scope,
  eventIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (eventIds.length === 0) return new Map();
  const rows = await scope.tx
    .selectFrom("webhook_deliveries")
    .select(["event_id", ({ fn }) => fn.countAll<bigint>().as("pending")])
    .where("event_id", "in", eventIds)
    .where("state", "=", "pending")
    .groupBy("event_id")
    .execute();
  return new Map(rows.map((row) => [row.event_id, Number(row.pending)]));
}

/** A delivery that is still to be made, with what it takes to make it. */
export interface OpenDelivery {
  readonly delivery: DeliveryRow;
  readonly event: EventRow;
  readonly endpoint: WebhookEndpointRow;
}

/** By their numbers; without those that were made, given up, or whose endpoint is gone or switched off. */
export async function listOpenDeliveries(
  scope: Scope,
  ids: readonly bigint[],
): Promise<ReadonlyMap<bigint, OpenDelivery>> {
  const deliveries = await scope.tx
    .selectFrom("webhook_deliveries")
    .selectAll()
    .where("id", "=", sql<bigint>`any(${ids})`)
    .where("state", "=", "pending")
    .execute();
  const endpoints = await mapWebhookEndpoints(
    scope,
    deliveries.map((row) => row.webhook_endpoint_id),
  );
  const events = await mapEvents(
    scope,
    deliveries.map((row) => row.event_id),
  );
  const open = new Map<bigint, OpenDelivery>();
  for (const delivery of deliveries) {
    const endpoint = endpoints.get(delivery.webhook_endpoint_id);
    const event = events.get(delivery.event_id);
    if (endpoint === undefined || endpoint.status === "disabled" || event === undefined) continue;
    open.set(delivery.id, { delivery, endpoint, event });
  }
  return open;
}

export interface Attempt {
  readonly state: DeliveryRow["state"];
  readonly attempts: number;
  readonly status: number | null;
  readonly error: string | null;
  readonly deliveredAt: string | null;
}

/** Notes that deliveries were made, each with the status of its answer. */
export async function markDelivered(
  scope: Scope,
  made: readonly { readonly id: bigint; readonly status: number | null }[],
): Promise<void> {
  if (made.length === 0) return;
  await sql`update collect.webhook_deliveries delivery set state = 'delivered',
      attempts = delivery.attempts + 1, last_status = made.status, last_error = null,
      delivered_at = ${scope.nowAt}::timestamptz
    from unnest(${made.map(({ id }) => id)}::bigint[], ${made.map(({ status }) => status)}::int[])
      as made (id, status)
    where delivery.id = made.id`.execute(scope.tx);
}

/** Notes how an attempt ended; a delivery that is gone by now stays gone. */
export async function updateDelivery(scope: Scope, id: bigint, attempt: Attempt): Promise<void> {
  await scope.tx
    .updateTable("webhook_deliveries")
    .set({
      state: attempt.state,
      attempts: attempt.attempts,
      last_status: attempt.status,
      last_error: attempt.error,
      delivered_at: attempt.deliveredAt,
    })
    .where("id", "=", id)
    .execute();
}

/** Something got through to these endpoints: their failures are forgotten. */
export async function markReachable(scope: Scope, endpointIds: readonly string[]): Promise<void> {
  if (endpointIds.length === 0) return;
  await scope.tx
    .updateTable("webhook_endpoints")
    .set({ failing_since_at: null })
    .where("id", "=", sql<string>`any(${endpointIds})`)
    .where("failing_since_at", "is not", null)
    .execute();
}

/** Nothing got through: remembers since when, and answers that. */
export async function markFailing(scope: Scope, endpointId: string): Promise<string> {
  const row = await scope.tx
    .updateTable("webhook_endpoints")
    .set({
      failing_since_at: sql<string>`coalesce(failing_since_at, ${scope.nowAt}::timestamptz)`,
    })
    .where("id", "=", endpointId)
    .returning("failing_since_at")
    .executeTakeFirst();
  return row?.failing_since_at ?? scope.nowAt;
}

/** Switches an endpoint off and gives up what it did not get. */
export async function disableEndpoint(scope: Scope, endpointId: string): Promise<void> {
  await scope.tx
    .updateTable("webhook_endpoints")
    .set({ status: "disabled" })
    .where("id", "=", endpointId)
    .execute();
  await scope.tx
    .updateTable("webhook_deliveries")
    .set({ state: "failed" })
    .where("webhook_endpoint_id", "=", endpointId)
    .where("state", "=", "pending")
    .execute();
}

/** Whether an endpoint that is in use and wants to know of an invoice's creation has not got it. */
export async function awaitsCreationNotice(scope: Scope, invoiceId: string): Promise<boolean> {
  const { rows } = await sql<{ waits: boolean }>`select exists (
    select 1 from collect.events event
    join collect.webhook_deliveries delivery on delivery.event_id = event.id
    join collect.webhook_endpoints endpoint on endpoint.id = delivery.webhook_endpoint_id
    where endpoint.status = 'enabled' and event.object_id = ${invoiceId} and event.type = 'invoice.created'
      and event.account_id = ${scope.accountId} and event.livemode = ${scope.livemode}
      and delivery.state <> 'delivered') as waits`.execute(scope.tx);
  return rows[0]?.waits ?? false;
}
