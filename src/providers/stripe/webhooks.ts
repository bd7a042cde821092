import Stripe from "stripe";
import type { ProviderConnection, VerifiedEvent } from "../provider.ts";
import { fromReadError } from "./errors.ts";

/** What changes the state of an invoice (Stripe docs: "Types of events"). */
const EVENT_TYPES = [
  "invoice.created",
  "invoice.finalized",
  "invoice.finalization_failed",
  "invoice.updated",
  "invoice.paid",
  "invoice.payment_succeeded",
  "invoice.payment_failed",
  "invoice.payment_action_required",
  "invoice.marked_uncollectible",
  "invoice.voided",
  "invoice.deleted",
  "invoice.sent",
  "invoice.overpaid",
] as const satisfies Stripe.WebhookEndpointCreateParams.EnabledEvent[];

const OWNER = "ledgerline_connection_id";

/** The signing secrets that are valid just now; several while one is being changed. */
export function webhookSecrets(connection: ProviderConnection): string[] {
  const { webhook_secret: secret, webhook_secrets: secrets } = connection.credential;
  const all = [secret, ...(Array.isArray(secrets) ? secrets : [])];
  return all.filter((candidate): candidate is string => typeof candidate === "string");
}

const signature = new Stripe("sk_unused", { telemetry: false }).webhooks;

function openEvent(rawBody: Buffer, header: string, secret: string): Stripe.Event | undefined {
  try {
    return signature.constructEvent(rawBody, header, secret);
  } catch (error) {
    if (error instanceof Stripe.errors.StripeSignatureVerificationError) return undefined;
    throw error;
  }
}

function toVerified(event: Stripe.Event): VerifiedEvent {
  const object = event.data.object as {
    id?: string;
    object?: string;
    metadata?: Stripe.Metadata | null;
  };
  const isInvoice = object.object === "invoice";
  return {
    eventId: event.id,
    type: event.type,
    externalId: isInvoice ? object.id : undefined,
    invoiceId: isInvoice ? object.metadata?.ledgerline_invoice_id : undefined,
    deleted: event.type === "invoice.deleted",
  };
}

/** Checks the signature over the raw bytes, its age and the mode of the event. */
export function verifyStripeWebhook(
  connection: ProviderConnection,
  rawBody: Buffer,
  header: string,
): VerifiedEvent | undefined {
  for (const secret of webhookSecrets(connection)) {
    const event = openEvent(rawBody, header, secret);
    if (event === undefined) continue;
    return event.livemode === (connection.environment === "PRODUCTION")
      ? toVerified(event)
      : undefined;
  }
  return undefined;
}

/** Makes Stripe send its events to `url`, replacing an endpoint that an earlier start had made. */
export async function subscribeToEvents(
  stripe: Stripe,
  connection: ProviderConnection,
  url: string,
): Promise<Readonly<Record<string, unknown>>> {
  try {
    const known = connection.credential.webhook_endpoint_id;
    const kept: string[] = [];
    for await (const endpoint of stripe.webhookEndpoints.list({ limit: 100 })) {
      if (endpoint.metadata[OWNER] !== connection.id) continue;
      if (endpoint.id === known && endpoint.url === url && webhookSecrets(connection).length > 0) {
        kept.push(endpoint.id);
      } else await stripe.webhookEndpoints.del(endpoint.id);
    }
    if (kept.length > 0) return connection.credential;
    const created = await stripe.webhookEndpoints.create({
      url,
      enabled_events: [...EVENT_TYPES],
      api_version: Stripe.API_VERSION as Stripe.WebhookEndpointCreateParams["api_version"] & string,
      metadata: { [OWNER]: connection.id },
    });
    return {
      ...connection.credential,
      webhook_endpoint_id: created.id,
      webhook_secrets: [created.secret, ...webhookSecrets(connection)].slice(0, 3),
    };
  } catch (error) {
    throw fromReadError(error);
  }
}
