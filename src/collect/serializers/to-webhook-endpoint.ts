import type Stripe from "stripe";
import type { WebhookEndpointRow } from "../store/webhook-endpoints.ts";
import { toUnix, type Wire } from "../wire.ts";

/** A webhook endpoint as Stripe's API shows it; its secret is shown only by the reply that creates it. */
export const toWebhookEndpoint = (row: WebhookEndpointRow): Wire<Stripe.WebhookEndpoint> => ({
  id: row.id,
  object: "webhook_endpoint",
  api_version: row.api_version,
  application: null,
  created: toUnix(row.created_at),
  description: row.description,
  enabled_events: [...row.enabled_events],
  livemode: row.livemode,
  metadata: row.metadata,
  status: row.status,
  url: row.url,
});
