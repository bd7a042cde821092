import Stripe from "stripe";
import type { Credential, ProviderConnection, VerifiedEvent } from "../provider.ts";
import { fromReadError } from "./errors.ts";

/** What changes the state of an invoice, or of a payment without one (Stripe docs: "Types of events"). */
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
  "payment_intent.succeeded",
  "payment_intent.payment_failed",
  "payment_intent.requires_action",
  "payment_intent.processing",
  "payment_intent.canceled",
] as const satisfies Stripe.WebhookEndpointCreateParams.EnabledEvent[];

const OWNER = "ledgerline_connection_id";

/** The signing secrets that are valid just now; several while one is being changed. */
export function webhookSecrets(connection: ProviderConnection): string[] {
  const { webhook_secret: secret, webhook_secrets: secrets } = connection.credential;
  const all = [secret, ...(Array.isArray(secrets) ? secrets : [])];
  return all.filter((candidate): candidate is string => typeof candidate === "string");
}

const signature = new Stripe("sk_unused", { telemetry: false }).webhooks;

/** The event, or undefined: another secret's, too old, or signed but no event that we can read. */
function openEvent(rawBody: Buffer, header: string, secret: string): Stripe.Event | undefined {
  try {
    const event: Stripe.Event | null = signature.constructEvent(rawBody, header, secret);
    return typeof event?.id === "string" ? event : undefined;
  } catch {
    return undefined;
  }
}

function toVerified(event: Stripe.Event): VerifiedEvent {
  // Every product of the account sends its events here: nothing of the object is certain.
  const object = (event.data?.object ?? {}) as {
    id?: string;
    object?: string;
    metadata?: Stripe.Metadata | null;
  } & ToldInvoice;
  const isOurs = object.object === "invoice" || object.object === "payment_intent";
  return {
    eventId: event.id,
    type: event.type,
    externalId: isOurs ? object.id : undefined,
    invoiceId: isOurs ? object.metadata?.ledgerline_invoice_id : undefined,
    told: object.object === "invoice" ? toTold(event.type, object) : undefined,
  };
}

/** Events that tell of an invoice's way from draft to paid and of nothing beside it. */
const PLAIN_EVENTS: ReadonlySet<string> = new Set([
  "invoice.created",
  "invoice.finalized",
  "invoice.updated",
  "invoice.sent",
  "invoice.paid",
  "invoice.payment_succeeded",
]);

interface ToldInvoice {
  readonly status?: string;
  readonly attempt_count?: number;
  readonly amount_paid?: number;
}

function toTold(type: string, { status, attempt_count, amount_paid }: ToldInvoice) {
  if (!PLAIN_EVENTS.has(type)) return undefined;
  if (status === "draft") return "DRAFT";
  if (status === "paid") return "PAID";
  return status === "open" && attempt_count === 0 && amount_paid === 0 ? "FINALIZED" : undefined;
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

const hearsAll = ({ enabled_events: heard }: Stripe.WebhookEndpoint): boolean =>
  EVENT_TYPES.every((type) => heard.includes(type));

/**
 * Our endpoint among those of the account, pointed at `url`. It keeps its secret and what it was not
 * sent yet when only the address changed. Others that an earlier start of ours left are removed:
 * their secrets are lost, because they are shown once.
 */
async function keepEndpoint(
  stripe: Stripe,
  connection: ProviderConnection,
  url: string,
): Promise<boolean> {
  const known = connection.credential.webhook_endpoint_id;
  let kept = false;
  for await (const endpoint of stripe.webhookEndpoints.list({ limit: 100 })) {
    if (endpoint.metadata[OWNER] !== connection.id) continue;
    const isKnown = endpoint.id === known && webhookSecrets(connection).length > 0;
    if (!isKnown) await stripe.webhookEndpoints.del(endpoint.id);
    else if (endpoint.url !== url || endpoint.status !== "enabled" || !hearsAll(endpoint)) {
      const enabled_events = [...EVENT_TYPES];
      await stripe.webhookEndpoints.update(endpoint.id, { url, disabled: false, enabled_events });
    }
    kept ||= isKnown;
  }
  return kept;
}

/**
 * Makes Stripe send its events to `url` and answers the credential with the secret they are signed
 * with; the very one that was given when nothing changed. Safe to call at every start. Throws
 * ProviderReadError.
 */
export async function subscribeToEvents(
  stripe: Stripe,
  connection: ProviderConnection,
  url: string,
): Promise<Credential> {
  try {
    if (await keepEndpoint(stripe, connection, url)) return connection.credential;
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
