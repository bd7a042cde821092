import type { WebhookDelivery } from "../../store/webhook-deliveries.ts";
import type { WebhookEndpoint } from "../../store/webhook-endpoints.ts";

/** An endpoint without its secret. */
export const toEndpointView = (endpoint: WebhookEndpoint) => ({
  id: endpoint.id,
  url: endpoint.url,
  event_types: endpoint.eventTypes,
  status: endpoint.active && endpoint.disabledAt === null ? "enabled" : "disabled",
  disabled_at: endpoint.disabledAt,
  created_at: endpoint.createdAt,
});

/** One message's way to one endpoint. Parked ones are pending: they wait for the endpoint. */
export const toDeliveryView = (delivery: WebhookDelivery) => ({
  id: delivery.id,
  message_id: delivery.messageId,
  type: delivery.type,
  status: delivery.status === "parked" ? "pending" : delivery.status,
  attempts: delivery.attempts,
  last_status: delivery.lastStatus,
  last_error: delivery.lastError,
  delivered_at: delivery.deliveredAt,
  created_at: delivery.createdAt,
});
