import type { Selectable } from "kysely";
import { sql } from "kysely";
import type { WebhookDeliveriesTable, WebhookEndpointsTable } from "../db/foundation-tables.ts";
import type { Scope } from "../scope.ts";

export type DeliveryRow = Selectable<WebhookDeliveriesTable>;

/** Enabled endpoints of the scope that want this type of event. */
export async function listSubscribedEndpoints(
  scope: Scope,
  type: string,
): Promise<Selectable<WebhookEndpointsTable>[]> {
  return scope.tx
    .selectFrom("webhook_endpoints")
    .selectAll()
    .where("account_id", "=", scope.accountId)
    .where("livemode", "=", scope.livemode)
    .where("status", "=", "enabled")
    .where(sql<boolean>`(enabled_events ? ${type} or enabled_events ? '*')`)
    .orderBy("id")
    .execute();
}

/** Adds a pending delivery of an event to an endpoint and returns its number. */
export async function insertDelivery(
  scope: Scope,
  delivery: { readonly eventId: string; readonly endpointId: string },
): Promise<bigint> {
  const { id } = await scope.tx
    .insertInto("webhook_deliveries")
    .values({
      event_id: delivery.eventId,
      webhook_endpoint_id: delivery.endpointId,
      state: "pending",
    })
    .returning("id")
    .executeTakeFirstOrThrow();
  return id;
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
