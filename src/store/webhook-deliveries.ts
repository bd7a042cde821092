import type { CoreDb, CoreTransaction } from "../db/database.ts";
import type { WebhookDeliveryStatus } from "../db/tables/webhooks.ts";
import { notFound } from "../errors.ts";

export interface WebhookMessage {
  /** Deterministic: the same fact has the same id, however often it is told. */
  readonly id: string;
  readonly environmentId: string;
  readonly type: string;
  /** The exact text that is posted and signed. */
  readonly body: string;
  readonly createdAt: string;
}

/** One message on its way to one endpoint. */
export interface WebhookDelivery {
  readonly id: string;
  readonly messageId: string;
  readonly endpointId: string;
  readonly type: string;
  readonly body: string;
  readonly status: WebhookDeliveryStatus;
  readonly attempts: number;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly deliveredAt: string | null;
  readonly createdAt: string;
  /** Creation or the last replay. */
  readonly tryingSinceAt: string;
  readonly position: bigint;
}

/** Stores a message; false when it was stored before. */
export async function insertWebhookMessage(
  tx: CoreTransaction,
  message: WebhookMessage,
): Promise<boolean> {
  const row = await tx
    .insertInto("webhook_messages")
    .values({
      id: message.id,
      environment_id: message.environmentId,
      type: message.type,
      body: message.body,
      created_at: message.createdAt,
    })
    .onConflict((clash) => clash.column("id").doNothing())
    .returning("id")
    .executeTakeFirst();
  return row !== undefined;
}

export interface NewWebhookDelivery {
  readonly messageId: string;
  readonly endpointId: string;
  readonly status: WebhookDeliveryStatus;
  readonly lastError: string | null;
  readonly createdAt: string;
}

/** Adds deliveries of one message; answers their ids with their endpoints. */
export async function insertWebhookDeliveries(
  tx: CoreTransaction,
  deliveries: readonly NewWebhookDelivery[],
): Promise<{ id: string; status: WebhookDeliveryStatus }[]> {
  if (deliveries.length === 0) return [];
  return tx
    .insertInto("webhook_deliveries")
    .values(
      deliveries.map((delivery) => ({
        message_id: delivery.messageId,
        endpoint_id: delivery.endpointId,
        status: delivery.status,
        last_error: delivery.lastError,
        created_at: delivery.createdAt,
        trying_since_at: delivery.createdAt,
      })),
    )
    .returning(["id", "status"])
    .execute();
}

const withMessage = (db: CoreDb) =>
  db
    .selectFrom("webhook_deliveries as delivery")
    .innerJoin("webhook_messages as message", "message.id", "delivery.message_id")
    .select([
      "delivery.id",
      "delivery.message_id as messageId",
      "delivery.endpoint_id as endpointId",
      "message.type",
      "message.body",
      "delivery.status",
      "delivery.attempts",
      "delivery.last_status as lastStatus",
      "delivery.last_error as lastError",
      "delivery.delivered_at as deliveredAt",
      "delivery.created_at as createdAt",
      "delivery.trying_since_at as tryingSinceAt",
      "delivery.position",
    ]);

/** The delivery with its message, or undefined. */
export const findWebhookDelivery = (db: CoreDb, id: string): Promise<WebhookDelivery | undefined> =>
  withMessage(db).where("delivery.id", "=", id).executeTakeFirst();

/** The endpoint's delivery of that id. Throws not_found. */
export async function getWebhookDelivery(
  db: CoreDb,
  endpointId: string,
  id: string,
): Promise<WebhookDelivery> {
  const delivery = await findWebhookDelivery(db, id);
  if (delivery?.endpointId !== endpointId) throw notFound("webhook delivery", id);
  return delivery;
}

/** One page of an endpoint's deliveries, newest first; one row more than `limit`. */
export async function listWebhookDeliveries(
  db: CoreDb,
  endpointId: string,
  before: bigint | undefined,
  limit: number,
): Promise<WebhookDelivery[]> {
  let query = withMessage(db).where("delivery.endpoint_id", "=", endpointId);
  if (before !== undefined) query = query.where("delivery.position", "<", before);
  return query
    .orderBy("delivery.position", "desc")
    .limit(limit + 1)
    .execute();
}

export interface DeliveryOutcome {
  readonly status: WebhookDeliveryStatus;
  readonly attempts: number;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly deliveredAt: string | null;
}

/** Stores what came of a try; to be called while the endpoint's row is locked. */
export async function updateWebhookDelivery(
  tx: CoreTransaction,
  id: string,
  outcome: DeliveryOutcome,
): Promise<void> {
  await tx
    .updateTable("webhook_deliveries")
    .set({
      status: outcome.status,
      attempts: outcome.attempts,
      last_status: outcome.lastStatus,
      last_error: outcome.lastError,
      delivered_at: outcome.deliveredAt,
    })
    .where("id", "=", id)
    .execute();
}

/** Starts a delivery anew, whatever came of it before; to be called while the endpoint is locked. */
export async function reopenWebhookDelivery(
  tx: CoreTransaction,
  id: string,
  tryingSinceAt: string,
): Promise<void> {
  await tx
    .updateTable("webhook_deliveries")
    .set({ status: "pending", attempts: 0, delivered_at: null, trying_since_at: tryingSinceAt })
    .where("id", "=", id)
    .execute();
}

/** Lets a delivery wait without a job; to be called while the endpoint's row is locked. */
export async function parkWebhookDelivery(tx: CoreTransaction, id: string): Promise<void> {
  await tx
    .updateTable("webhook_deliveries")
    .set({ status: "parked" })
    .where("id", "=", id)
    .where("status", "=", "pending")
    .execute();
}

/** Makes the parked delivery with the fewest tries pending, when one has fewer than `attempts`. */
export async function unparkLeastTried(
  tx: CoreTransaction,
  endpointId: string,
  attempts: number,
): Promise<string | undefined> {
  const least = await tx
    .selectFrom("webhook_deliveries")
    .select("id")
    .where("endpoint_id", "=", endpointId)
    .where("status", "=", "parked")
    .where("attempts", "<", attempts)
    .orderBy("attempts")
    .orderBy("position")
    .limit(1)
    .executeTakeFirst();
  if (least === undefined) return undefined;
  await tx
    .updateTable("webhook_deliveries")
    .set({ status: "pending" })
    .where("id", "=", least.id)
    .execute();
  return least.id;
}

/** Makes the endpoint's parked deliveries pending again; answers their ids, oldest first. */
export async function unparkWebhookDeliveries(
  tx: CoreTransaction,
  endpointId: string,
): Promise<string[]> {
  const rows = await tx
    .updateTable("webhook_deliveries")
    .set({ status: "pending" })
    .where("endpoint_id", "=", endpointId)
    .where("status", "=", "parked")
    .returning(["id", "position"])
    .execute();
  return rows.toSorted((a, b) => (a.position < b.position ? -1 : 1)).map((row) => row.id);
}

/** Gives up every delivery of the endpoint that is still open. */
export async function failOpenWebhookDeliveries(
  tx: CoreTransaction,
  endpointId: string,
  reason: string,
): Promise<void> {
  await tx
    .updateTable("webhook_deliveries")
    .set({ status: "failed", last_error: reason })
    .where("endpoint_id", "=", endpointId)
    .where("status", "in", ["pending", "parked"])
    .execute();
}
