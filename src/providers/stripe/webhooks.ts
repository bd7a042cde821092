import Stripe from "stripe";
import type { ProviderConnection } from "../provider-connection.ts";
import type { NamedDocument, VerifiedEvent } from "../verified-event.ts";
import { FIRST_ITEM } from "./pending-items-step.ts";

/** What changes the state of an invoice, or of a payment without one (Stripe docs: "Types of events"). */
export const EVENT_TYPES = [
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

/** An endpoint of ours at Stripe, with the secret that was shown when it was made. */
export interface OwnEndpoint {
  readonly id: string;
  readonly secret: string;
}

/** Our endpoints, newest first: one, or two while its secret is being changed. */
export function ownEndpoints({ credential }: ProviderConnection): readonly OwnEndpoint[] {
  const subscription = credential.subscription as
    | { endpoints?: readonly OwnEndpoint[] }
    | undefined;
  return subscription?.endpoints ?? [];
}

/** The secrets of endpoints that were set up by hand. */
export function givenSecrets({ credential }: ProviderConnection): string[] {
  const { webhook_secret: secret, webhook_secrets: secrets } = credential;
  const all = [secret, ...(Array.isArray(secrets) ? secrets : [])];
  return all.filter((candidate): candidate is string => typeof candidate === "string");
}

/** The signing secrets that are valid just now; several while one is being changed. */
export const webhookSecrets = (connection: ProviderConnection): string[] => [
  ...ownEndpoints(connection).map(({ secret }) => secret),
  ...givenSecrets(connection),
];

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

/** What of a line tells whose item it is. */
type ItemLine = Partial<Pick<Stripe.InvoiceLineItem, "metadata" | "parent">>;

/** Items of ours that another invoice took along, each standing for those that were made with it. */
export const findItems = (lines: readonly ItemLine[]): NamedDocument[] =>
  lines.flatMap(({ metadata, parent }) => {
    const id = parent?.invoice_item_details?.invoice_item;
    if (metadata?.[FIRST_ITEM] === undefined || id === undefined) return [];
    return [{ externalId: id, invoiceId: metadata.ledgerline_invoice_id }];
  });

/** What of an event counts: whose it is, never what it says of it. */
export function toVerified(event: Stripe.Event): VerifiedEvent {
  // Every product of the account sends its events here: nothing of the object is certain.
  const object = (event.data?.object ?? {}) as {
    id?: string;
    object?: string;
    metadata?: Stripe.Metadata | null;
    lines?: { data?: readonly ItemLine[]; has_more?: boolean };
  } & ToldInvoice;
  const named = { eventId: event.id, type: event.type };
  if (object.object !== "invoice" && object.object !== "payment_intent") {
    return { ...named, externalId: undefined, invoiceId: undefined };
  }
  const invoiceId = object.metadata?.ledgerline_invoice_id;
  if (object.object === "payment_intent" || invoiceId !== undefined || object.id === undefined) {
    const told = object.object === "invoice" ? toTold(event.type, object) : undefined;
    return { ...named, externalId: object.id, invoiceId, told };
  }
  const [item, ...others] = findItems(object.lines?.data ?? []);
  return {
    ...named,
    externalId: item?.externalId ?? object.id,
    invoiceId: item?.invoiceId,
    told: item === undefined ? toTold(event.type, object) : undefined,
    carrier: { externalId: object.id, others, hasMore: object.lines?.has_more === true },
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
