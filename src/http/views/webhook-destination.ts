import type { WebhookEndpoint } from "../../store/webhook-endpoints.ts";

/** The one way in which messages are signed, in the words of the integrations API. */
export const SIGNED_REQUEST = "M3TER_SIGNED_REQUEST";

/** What a full replace may send back unchanged. */
export const READ_ONLY_OF_DESTINATION = ["id", "dtCreated"] as const;

/** A webhook endpoint without its secrets. One that was disabled by its failures is not active. */
export const toDestinationView = (endpoint: WebhookEndpoint) => ({
  id: endpoint.id,
  name: endpoint.name,
  description: endpoint.description,
  code: endpoint.code,
  active: endpoint.active && endpoint.disabledAt === null,
  url: endpoint.url,
  credentials: { type: SIGNED_REQUEST },
  version: endpoint.version,
  dtCreated: endpoint.createdAt,
});
