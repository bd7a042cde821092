import type { CoreTransaction } from "../db/database.ts";
import { instantText } from "../domain/time.ts";
import type { WebhookType } from "../domain/webhooks/types.ts";
import { writeExact } from "../platform/json/exact-json.ts";
import { insertWebhookDeliveries, insertWebhookMessage } from "../store/webhook-deliveries.ts";
import { listSubscribedEndpoints } from "../store/webhook-endpoints.ts";
import type { OperationContext } from "./context.ts";
import { enqueueWebhookDelivery } from "./enqueue-webhook-delivery.ts";

export interface OutgoingMessage {
  /** A deterministic uuid of the fact: sending the same fact twice is sending it once. */
  readonly id: string;
  readonly type: WebhookType;
  /** What stands in the payload beside `id` and `type`: for invoices `{ properties: {...} }`. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Why a message to a disabled endpoint is failed from the start; a replay sends it after all. */
export const ENDPOINT_DISABLED = "The endpoint is disabled after repeated failure";

/**
 * Tells the environment's webhook endpoints a fact, in the transaction that makes it true: the
 * message, its deliveries and their jobs commit with it or not at all. Receivers get it at least
 * once, in no promised order, and drop what they know by its `id`.
 */
export async function sendWebhook(
  tx: CoreTransaction,
  ctx: OperationContext,
  { id, type, body }: OutgoingMessage,
): Promise<void> {
  const createdAt = instantText(ctx.now);
  const environmentId = ctx.environment.id;
  const text = writeExact({ ...body, id, type });
  if (!(await insertWebhookMessage(tx, { id, environmentId, type, body: text, createdAt }))) return;
  const endpoints = await listSubscribedEndpoints(tx, environmentId, type);
  const deliveries = await insertWebhookDeliveries(
    tx,
    endpoints.map((endpoint) => ({
      messageId: id,
      endpointId: endpoint.id,
      createdAt,
      ...(endpoint.disabledAt === null
        ? { status: "pending", lastError: null }
        : { status: "failed", lastError: ENDPOINT_DISABLED }),
    })),
  );
  for (const delivery of deliveries) {
    if (delivery.status === "pending") await enqueueWebhookDelivery(tx, ctx, delivery.id);
  }
}
