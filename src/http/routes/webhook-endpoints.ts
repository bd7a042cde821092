import { Type } from "typebox";
import { WEBHOOK_TYPES } from "../../domain/webhooks/types.ts";
import {
  addWebhookEndpoint,
  deleteWebhookEndpoint,
  replayWebhookDelivery,
} from "../../operations/change-webhook-endpoints.ts";
import { listWebhookDeliveries } from "../../store/webhook-deliveries.ts";
import { getWebhookEndpoint, listWebhookEndpoints } from "../../store/webhook-endpoints.ts";
import { fromPageToken, toPage, toPageToken } from "../pagination.ts";
import { operationOf } from "../request-context.ts";
import { EnumField, IdField, ObjectField, pageQuery, TextField } from "../schemas/fields.ts";
import type { CoreServer } from "../server.ts";
import { toDeliveryView, toEndpointView } from "../views/webhook.ts";

const tags = ["webhooks"];
const DEFAULT_LIMIT = 100;
const params = ObjectField({ id: IdField() });
const querystring = ObjectField(pageQuery);

/** Who is told what happens, and how the telling went. */
export function addWebhookEndpointRoutes(http: CoreServer): void {
  http.route({
    method: "POST",
    url: "/v1/webhook-endpoints",
    schema: {
      tags,
      summary: "Add a webhook endpoint",
      body: ObjectField({
        url: TextField({ max: 2048 }),
        secret: Type.Optional(TextField({ max: 256 })),
        event_types: Type.Optional(
          Type.Array(EnumField(WEBHOOK_TYPES), { minItems: 1, maxItems: 100 }),
        ),
      }),
    },
    handler: async (request) => {
      const { url, secret: own, event_types: eventTypes } = request.body;
      const ctx = operationOf(request);
      const { endpoint, secret } = await addWebhookEndpoint(ctx, { url, secret: own, eventTypes });
      return { data: { ...toEndpointView(endpoint), secret } };
    },
  });
  http.route({
    method: "GET",
    url: "/v1/webhook-endpoints",
    schema: { tags, summary: "List the webhook endpoints", querystring },
    handler: async (request) => {
      const { db, environment } = operationOf(request);
      const { limit = DEFAULT_LIMIT, next_page: token } = request.query;
      const rows = await listWebhookEndpoints(db, environment.id, fromPageToken(token), limit);
      const page = toPage(rows, limit);
      return { data: page.rows.map(toEndpointView), next_page: toPageToken(page.next) };
    },
  });
  http.route({
    method: "DELETE",
    url: "/v1/webhook-endpoints/:id",
    schema: { tags, summary: "Delete a webhook endpoint", params },
    handler: async (request) => {
      await deleteWebhookEndpoint(operationOf(request), request.params.id);
      return { data: { id: request.params.id } };
    },
  });
  addDeliveryRoutes(http);
}

function addDeliveryRoutes(http: CoreServer): void {
  http.route({
    method: "GET",
    url: "/v1/webhook-endpoints/:id/deliveries",
    schema: { tags, summary: "List an endpoint's deliveries, newest first", params, querystring },
    handler: async (request) => {
      const { db, environment } = operationOf(request);
      const { limit = DEFAULT_LIMIT, next_page: token } = request.query;
      const endpoint = await getWebhookEndpoint(db, environment.id, request.params.id);
      const rows = await listWebhookDeliveries(db, endpoint.id, fromPageToken(token), limit);
      const page = toPage(rows, limit);
      return { data: page.rows.map(toDeliveryView), next_page: toPageToken(page.next) };
    },
  });
  http.route({
    method: "POST",
    url: "/v1/webhook-endpoints/:id/deliveries/:delivery_id/replay",
    schema: {
      tags,
      summary: "Send a message to an endpoint again",
      params: ObjectField({ id: IdField(), delivery_id: IdField() }),
    },
    handler: async (request) => {
      const { id, delivery_id: deliveryId } = request.params;
      const delivery = await replayWebhookDelivery(operationOf(request), id, deliveryId);
      return { data: toDeliveryView(delivery) };
    },
  });
}
