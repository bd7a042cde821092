import type { CoreTransaction } from "../db/database.ts";
import type { Instant } from "../domain/time.ts";
import { instantText } from "../domain/time.ts";
import { HEALTHY, planAfterFailure, shouldWaitForProbe } from "../domain/webhooks/delivery-plan.ts";
import { inTransaction } from "../platform/database/database.ts";
import {
  failOpenWebhookDeliveries,
  findWebhookDelivery,
  parkWebhookDelivery,
  unparkLeastTried,
  unparkWebhookDeliveries,
  updateWebhookDelivery,
  type WebhookDelivery,
} from "../store/webhook-deliveries.ts";
import {
  getWebhookEndpoint,
  lockWebhookEndpoint,
  updateEndpointHealth,
  type WebhookEndpoint,
} from "../store/webhook-endpoints.ts";
import type { OperationContext } from "./context.ts";
import { enqueueWebhookDelivery } from "./enqueue-webhook-delivery.ts";
import { postWebhook, type WebhookAnswer } from "./post-webhook.ts";
import { ENDPOINT_DISABLED } from "./send-webhook.ts";
import { openWebhookSecret } from "./webhook-secret.ts";

/** The sandbox's clock waits for its webhooks, so a receiver that never answers is dropped early. */
const LIMITS = {
  PRODUCTION: { timeoutMs: 10_000, maxTimeouts: undefined },
  SANDBOX: { timeoutMs: 3000, maxTimeouts: 10 },
} as const;

/**
 * Makes one try of a delivery that is still open. Answers when to try again, or undefined when this
 * delivery's job is done. The call is made outside of any transaction; a process that dies after it
 * calls again, which receivers see as the same message id.
 */
export async function deliverWebhook(
  ctx: OperationContext,
  deliveryId: string,
  attemptedAt: Instant,
): Promise<{ readonly dueAt: string; readonly reason: string } | undefined> {
  const delivery = await findWebhookDelivery(ctx.db, deliveryId);
  if (delivery?.status !== "pending") return undefined;
  const endpoint = await getWebhookEndpoint(ctx.db, ctx.environment.id, delivery.endpointId);
  if (shouldWaitForProbe(delivery.id, endpoint)) return park(ctx, endpoint.id, delivery.id);
  const answer = await postWebhook(ctx.services.outgoing, {
    url: endpoint.url,
    body: delivery.body,
    secret: await openWebhookSecret(ctx.db, ctx, endpoint),
    apiKey: openApiKey(ctx, endpoint),
    attemptedAt,
    timeoutMs: LIMITS[ctx.environment.name].timeoutMs,
  });
  return inTransaction(ctx.db, async (tx) => {
    const held = await lockWebhookEndpoint(tx, endpoint.id);
    // What another process or a request did meanwhile stands: only an open delivery has an outcome.
    const current = await findWebhookDelivery(tx, deliveryId);
    if (current?.status !== "pending") return undefined;
    if (answer.error === null) return recordSuccess(tx, ctx, held, current, answer);
    return recordFailure(tx, ctx, held, current, { ...answer, error: answer.error });
  });
}

const openApiKey = ({ services }: OperationContext, { sealedApiKey }: WebhookEndpoint) =>
  sealedApiKey === null ? undefined : services.vault.decrypt(sealedApiKey);

/** Gives the delivery's job up until the endpoint's probe has an outcome. */
async function park(ctx: OperationContext, endpointId: string, id: string): Promise<undefined> {
  await inTransaction(ctx.db, async (tx) => {
    const held = await lockWebhookEndpoint(tx, endpointId);
    if (shouldWaitForProbe(id, held)) await parkWebhookDelivery(tx, id);
    else await enqueueWebhookDelivery(tx, ctx, id);
  });
}

async function recordSuccess(
  tx: CoreTransaction,
  ctx: OperationContext,
  endpoint: WebhookEndpoint,
  delivery: WebhookDelivery,
  { status }: WebhookAnswer,
): Promise<undefined> {
  await updateWebhookDelivery(tx, delivery.id, {
    status: "delivered",
    attempts: delivery.attempts + 1,
    lastStatus: status,
    lastError: null,
    deliveredAt: instantText(ctx.now),
  });
  if (endpoint.failingSinceAt === null) return;
  await updateEndpointHealth(tx, endpoint.id, HEALTHY);
  await unpark(tx, ctx, endpoint.id);
}

async function unpark(tx: CoreTransaction, ctx: OperationContext, id: string): Promise<void> {
  for (const parked of await unparkWebhookDeliveries(tx, id)) {
    await enqueueWebhookDelivery(tx, ctx, parked);
  }
}

async function recordFailure(
  tx: CoreTransaction,
  ctx: OperationContext,
  endpoint: WebhookEndpoint,
  delivery: WebhookDelivery,
  { status, error, timedOut }: WebhookAnswer & { readonly error: string },
): Promise<{ dueAt: string; reason: string } | undefined> {
  const attempts = delivery.attempts + 1;
  const plan = planAfterFailure(
    { deliveryId: delivery.id, attempts, tryingSinceAt: delivery.tryingSinceAt, timedOut },
    endpoint,
    ctx.now,
    LIMITS[ctx.environment.name].maxTimeouts,
  );
  const isProbe = plan.health.probeDeliveryId === delivery.id;
  // The probe changes from try to try, so that one message that is never taken blocks no other.
  const successor = isProbe ? await unparkLeastTried(tx, endpoint.id, attempts) : undefined;
  const next = successor === undefined ? plan.next : "park";
  const states = { retry: "pending", park: "parked", give_up: "failed" } as const;
  await updateWebhookDelivery(tx, delivery.id, {
    status: states[next],
    attempts,
    lastStatus: status,
    lastError: error,
    deliveredAt: null,
  });
  const probeDeliveryId = successor ?? plan.health.probeDeliveryId;
  await updateEndpointHealth(tx, endpoint.id, { ...plan.health, probeDeliveryId });
  if (successor !== undefined) await enqueueWebhookDelivery(tx, ctx, successor, plan.dueAt);
  if (plan.health.disabledAt !== null) {
    await failOpenWebhookDeliveries(tx, endpoint.id, ENDPOINT_DISABLED);
    const facts = { endpointId: endpoint.id, failures: plan.health.consecutiveFailures };
    ctx.services.logger.warn(facts, "webhook endpoint disabled after repeated failure");
  } else if (endpoint.probeDeliveryId !== null && probeDeliveryId === null) {
    await unpark(tx, ctx, endpoint.id);
  }
  return next === "retry" ? { dueAt: plan.dueAt, reason: error } : undefined;
}
