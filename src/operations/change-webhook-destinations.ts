import type { CoreTransaction } from "../db/database.ts";
import { instantText } from "../domain/time.ts";
import { HEALTHY } from "../domain/webhooks/delivery-plan.ts";
import { inTransaction } from "../platform/database/database.ts";
import { failOpenWebhookDeliveries } from "../store/webhook-deliveries.ts";
import {
  getWebhookEndpoint,
  insertWebhookEndpoint,
  lockWebhookEndpoint,
  updateEndpointHealth,
  updateWebhookEndpoint,
  type WebhookEndpoint,
} from "../store/webhook-endpoints.ts";
import { deleteWebhookEndpoint } from "./change-webhook-endpoints.ts";
import { checkVersion } from "./check-version.ts";
import type { OperationContext } from "./context.ts";

/** A webhook endpoint as the integrations API gives one. */
export interface WebhookDestinationRequest {
  readonly name: string;
  readonly description: string;
  readonly code: string | null;
  readonly active: boolean;
  readonly url: string;
  /** What signs for it and what goes along; undefined: those it has. */
  readonly credentials: { readonly apiKey: string; readonly secret: string } | undefined;
}

const seal = ({ services }: OperationContext, { credentials }: WebhookDestinationRequest) =>
  credentials && {
    sealedSecret: services.vault.encrypt(credentials.secret),
    sealedApiKey: services.vault.encrypt(credentials.apiKey),
  };

/** Adds an endpoint that gets every type of event while it is active. */
export async function addWebhookDestination(
  ctx: OperationContext,
  request: WebhookDestinationRequest,
): Promise<WebhookEndpoint> {
  ctx.services.outgoing.check(request.url);
  const { name, description, code, active, url } = request;
  return insertWebhookEndpoint(ctx.db, {
    environmentId: ctx.environment.id,
    url,
    eventTypes: null,
    createdAt: instantText(ctx.now),
    name,
    description,
    code,
    active,
    ...{ sealedSecret: null, ...seal(ctx, request) },
  });
}

/** What follows from a switch: it begins without failures, and when it is off nothing is on its way to it. */
async function follow(tx: CoreTransaction, present: WebhookEndpoint, active: boolean) {
  // A probe that is given up must not be waited for once it is on again.
  if (!active || present.disabledAt !== null) await updateEndpointHealth(tx, present.id, HEALTHY);
  if (!active) await failOpenWebhookDeliveries(tx, present.id, "The endpoint was switched off");
}

async function lockDestination(tx: CoreTransaction, ctx: OperationContext, id: string) {
  await getWebhookEndpoint(tx, ctx.environment.id, id);
  await lockWebhookEndpoint(tx, id);
  // Read again: it may have been deleted while this waited.
  return getWebhookEndpoint(tx, ctx.environment.id, id);
}

/** Replaces an endpoint. Throws a conflict when `version` is not the present one. */
export async function replaceWebhookDestination(
  ctx: OperationContext,
  id: string,
  request: WebhookDestinationRequest & { readonly version: number },
): Promise<WebhookEndpoint> {
  ctx.services.outgoing.check(request.url);
  return inTransaction(ctx.db, async (tx) => {
    const present = await lockDestination(tx, ctx, id);
    checkVersion("webhook destination", present.version, request.version);
    const { name, description, code, active, url, version } = request;
    await updateWebhookEndpoint(tx, id, {
      name,
      description,
      code,
      active,
      url,
      version: version + 1,
      ...seal(ctx, request),
    });
    await follow(tx, present, active);
    return getWebhookEndpoint(tx, ctx.environment.id, id);
  });
}

/** Switches an endpoint on or off. */
export async function switchWebhookDestination(
  ctx: OperationContext,
  id: string,
  active: boolean,
): Promise<WebhookEndpoint> {
  return inTransaction(ctx.db, async (tx) => {
    const present = await lockDestination(tx, ctx, id);
    await updateWebhookEndpoint(tx, id, { active, version: present.version + 1 });
    await follow(tx, present, active);
    return getWebhookEndpoint(tx, ctx.environment.id, id);
  });
}

/** Deletes an endpoint, and answers it as it was. */
export async function deleteWebhookDestination(
  ctx: OperationContext,
  id: string,
): Promise<WebhookEndpoint> {
  const present = await getWebhookEndpoint(ctx.db, ctx.environment.id, id);
  await deleteWebhookEndpoint(ctx, id);
  return present;
}
