import type Stripe from "stripe";
import type { ConnectionProblem, WebhookCheck } from "../account.ts";
import type { ProviderConnection } from "../provider-connection.ts";
import { fromReadError } from "./errors.ts";
import { findEndpoints, missingTypes, PINNED_VERSION } from "./subscription.ts";
import { EVENT_TYPES, givenSecrets, ownEndpoints } from "./webhooks.ts";

/** The endpoint that serves the connection at `url`. Throws ProviderReadError. */
export async function checkWebhook(
  stripe: Stripe,
  connection: ProviderConnection,
  url: string | undefined,
): Promise<WebhookCheck> {
  const known = ownEndpoints(connection)[0]?.id ?? connection.credential.webhook_endpoint_id;
  try {
    const { ours, byHand } = await findEndpoints(stripe, connection, url);
    const registered = ours.find(({ id }) => id === known);
    const endpoint = registered ?? byHand[0];
    if (endpoint === undefined) {
      return { state: url === undefined ? "polling" : "missing", url: url ?? null };
    }
    return {
      state: registered === undefined ? "by_hand" : "registered",
      url: endpoint.url,
      endpointId: endpoint.id,
      enabled: endpoint.status === "enabled",
      missingEventTypes: missingTypes(endpoint),
      apiVersion: endpoint.api_version,
      pinnedApiVersion: PINNED_VERSION,
    };
  } catch (error) {
    throw fromReadError(error);
  }
}

const ROTATE = "POST /v1/connections/{id}/rotate-webhook-secret makes a new one";

/** What is wrong with it, and what can be done. */
export function webhookProblems(
  connection: ProviderConnection,
  webhook: WebhookCheck,
): readonly ConnectionProblem[] {
  const problems: ConnectionProblem[] = [];
  const isOurs = webhook.state === "registered";
  if (webhook.state === "missing") {
    problems.push({
      code: "webhook_missing",
      message: `No webhook endpoint sends events to ${webhook.url}; they are polled meanwhile.`,
      remedy: `Give the key the permission "Webhook Endpoints: write" and one is made within the hour, or make one by hand at that address and send its secret as credential.webhook_secret.`,
    });
  }
  if (webhook.state === "by_hand" && givenSecrets(connection).length === 0) {
    problems.push({
      code: "webhook_secret_missing",
      message: `The endpoint ${webhook.endpointId} was made by hand and its secret is not known here.`,
      remedy: "Send its signing secret as credential.webhook_secret.",
    });
  }
  if (webhook.enabled === false) {
    problems.push({
      code: "webhook_disabled",
      message: `The endpoint ${webhook.endpointId} is disabled.`,
      remedy: isOurs
        ? "POST /v1/connections/{id}/poll enables it; check that its address can be reached."
        : "Enable it at Stripe (Developers > Webhooks).",
    });
  }
  if ((webhook.missingEventTypes ?? []).length > 0) {
    problems.push({
      code: "webhook_events_missing",
      message: `The endpoint ${webhook.endpointId} does not hear ${webhook.missingEventTypes?.join(", ")}.`,
      remedy: isOurs
        ? "POST /v1/connections/{id}/poll sets them."
        : "Add these event types to it at Stripe (Developers > Webhooks).",
    });
  }
  if (webhook.apiVersion !== undefined && webhook.apiVersion !== webhook.pinnedApiVersion) {
    problems.push({
      code: "webhook_api_version",
      message: `The endpoint ${webhook.endpointId} speaks API version ${webhook.apiVersion ?? "of the account's default"}, this release ${webhook.pinnedApiVersion}.`,
      remedy: isOurs
        ? `${ROTATE} with that version.`
        : `Make a new endpoint with API version ${webhook.pinnedApiVersion}.`,
    });
  }
  return problems;
}

/** The events that an endpoint made by hand has to hear. */
export const handMade = (url: string): string =>
  `Only for a webhook endpoint set up by hand: address ${url}, API version ${PINNED_VERSION}, event types ${EVENT_TYPES.join(", ")}.`;
