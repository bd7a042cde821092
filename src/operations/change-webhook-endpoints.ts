import { instantText } from "../domain/time.ts";
import { HEALTHY } from "../domain/webhooks/delivery-plan.ts";
import type { WebhookType } from "../domain/webhooks/types.ts";
import { inTransaction } from "../platform/database/database.ts";
import {
  failOpenWebhookDeliveries,
  getWebhookDelivery,
  reopenWebhookDelivery,
  type WebhookDelivery,
} from "../store/webhook-deliveries.ts";
import {
  archiveWebhookEndpoint,
  getWebhookEndpoint,
  insertWebhookEndpoint,
  lockWebhookEndpoint,
  updateEndpointHealth,
  type WebhookEndpoint,
} from "../store/webhook-endpoints.ts";
import type { OperationContext } from "./context.ts";
import { enqueueWebhookDelivery } from "./enqueue-webhook-delivery.ts";
import { ensureWebhookSecret } from "./webhook-secret.ts";

export interface EndpointRequest {
  readonly url: string;
  /** Absent = the environment's secret, made up now when there is none. */
  readonly secret: string | undefined;
  /** Absent = every type. */
  readonly eventTypes: readonly WebhookType[] | undefined;
}

/** Adds an endpoint; answers the secret that signs for it, which is shown only here. */
export async function addWebhookEndpoint(
  ctx: OperationContext,
  { url, secret, eventTypes }: EndpointRequest,
): Promise<{ readonly endpoint: WebhookEndpoint; readonly secret: string }> {
  const { outgoing, vault } = ctx.services;
  outgoing.check(url);
  return inTransaction(ctx.db, async (tx) => {
    const endpoint = await insertWebhookEndpoint(tx, {
      environmentId: ctx.environment.id,
      url,
      sealedSecret: secret === undefined ? null : vault.encrypt(secret),
      eventTypes: eventTypes ?? null,
      createdAt: instantText(ctx.now),
    });
    return { endpoint, secret: secret ?? (await ensureWebhookSecret(tx, ctx)) };
  });
}

/** Deletes an endpoint; what was still on its way to it is given up. */
export async function deleteWebhookEndpoint(ctx: OperationContext, id: string): Promise<void> {
  await inTransaction(ctx.db, async (tx) => {
    await getWebhookEndpoint(tx, ctx.environment.id, id);
    await lockWebhookEndpoint(tx, id);
    await archiveWebhookEndpoint(tx, id, instantText(ctx.now));
    await failOpenWebhookDeliveries(tx, id, "The endpoint was deleted");
  });
}

/**
 * Sends a message to an endpoint again, under its first id and whatever came of it before. An
 * endpoint that was disabled is given another chance by it.
 */
export async function replayWebhookDelivery(
  ctx: OperationContext,
  endpointId: string,
  deliveryId: string,
): Promise<WebhookDelivery> {
  return inTransaction(ctx.db, async (tx) => {
    await getWebhookEndpoint(tx, ctx.environment.id, endpointId);
    const endpoint = await lockWebhookEndpoint(tx, endpointId);
    await getWebhookDelivery(tx, endpointId, deliveryId);
    if (endpoint.disabledAt !== null) await updateEndpointHealth(tx, endpointId, HEALTHY);
    await reopenWebhookDelivery(tx, deliveryId, instantText(ctx.now));
    await enqueueWebhookDelivery(tx, ctx, deliveryId);
    return getWebhookDelivery(tx, endpointId, deliveryId);
  });
}
