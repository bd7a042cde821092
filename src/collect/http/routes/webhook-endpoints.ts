import type { Outgoing } from "../../../platform/network/outgoing.ts";
import { isVersion } from "../../api-version.ts";
import { refused } from "../../errors.ts";
import {
  changeWebhookEndpoint,
  createWebhookEndpoint,
} from "../../operations/save-webhook-endpoint.ts";
import { toDeleted } from "../../serializers/to-deleted.ts";
import { toWebhookEndpoint } from "../../serializers/to-webhook-endpoint.ts";
import {
  deleteWebhookEndpoint,
  getWebhookEndpoint,
  listWebhookEndpoints,
  lockWebhookEndpoint,
} from "../../store/webhook-endpoints.ts";
import { endpoint } from "../endpoint.ts";
import { toList, toPageQuery } from "../list.ts";
import { choice, flag, listOf, metadata, optional, paging, text, unsettable } from "../params.ts";

const shared = {
  description: optional(unsettable(text())),
  metadata: optional(metadata()),
};

/** `outgoing` decides which addresses may be called. */
export const webhookEndpointEndpoints = (outgoing: Outgoing) => [
  endpoint({
    method: "POST",
    path: "/v1/webhook_endpoints",
    params: {
      ...shared,
      api_version: optional(text(40)),
      // Connected accounts do not exist here, so their events cannot be asked for.
      connect: optional(choice("false")),
      enabled_events: listOf(text(200), 500),
      url: text(2048),
    },
    returns: "webhook_endpoint",
    handler: async ({ scope, params }) => {
      const { api_version: apiVersion } = params;
      if (apiVersion !== undefined && !isVersion(apiVersion)) {
        throw refused("invalid_argument", `Invalid API version: ${apiVersion}`, "api_version");
      }
      const { row, secret } = await createWebhookEndpoint(scope, outgoing, {
        url: params.url,
        enabledEvents: params.enabled_events,
        description: params.description,
        metadata: params.metadata,
        apiVersion,
      });
      return { ...toWebhookEndpoint(row), secret };
    },
  }),
  endpoint({
    method: "GET",
    path: "/v1/webhook_endpoints",
    params: paging,
    returns: { listOf: "webhook_endpoint" },
    handler: async ({ scope, params }) => {
      const page = await listWebhookEndpoints(scope, toPageQuery(params));
      return toList("/v1/webhook_endpoints", page, toWebhookEndpoint);
    },
  }),
  endpoint({
    method: "GET",
    path: "/v1/webhook_endpoints/:endpoint",
    params: {},
    returns: "webhook_endpoint",
    handler: async ({ scope, path }) =>
      toWebhookEndpoint(await getWebhookEndpoint(scope, path.endpoint)),
  }),
  endpoint({
    method: "POST",
    path: "/v1/webhook_endpoints/:endpoint",
    params: {
      ...shared,
      disabled: optional(flag()),
      enabled_events: optional(listOf(text(200), 500)),
      url: optional(text(2048)),
    },
    returns: "webhook_endpoint",
    handler: async ({ scope, path, params }) => {
      const row = await changeWebhookEndpoint(scope, outgoing, path.endpoint, {
        url: params.url,
        enabledEvents: params.enabled_events,
        description: params.description,
        metadata: params.metadata,
        disabled: params.disabled,
      });
      return toWebhookEndpoint(row);
    },
  }),
  endpoint({
    method: "DELETE",
    path: "/v1/webhook_endpoints/:endpoint",
    params: {},
    returns: "webhook_endpoint",
    handler: async ({ scope, path }) => {
      await lockWebhookEndpoint(scope, path.endpoint);
      await deleteWebhookEndpoint(scope, path.endpoint);
      return toDeleted(path.endpoint, "webhook_endpoint");
    },
  }),
];
