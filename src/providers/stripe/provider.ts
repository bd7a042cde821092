import type Stripe from "stripe";
import type { Provider, ProviderConnection, ProviderRequest, WriteResult } from "../provider.ts";
import { openStripe, type StripeHosts } from "./client.ts";
import { readStripeCredential } from "./credential.ts";
import type { StripeDocument } from "./document.ts";
import { fromWriteError } from "./errors.ts";
import { nextStep, type StripeObserved } from "./next-step.ts";
import { fetchInvoice, observeInvoice } from "./observe.ts";
import { rehearseDelivery } from "./rehearse.ts";
import { readStripeRouteOptions } from "./route-options.ts";
import { toStripeDocument } from "./to-document.ts";
import { subscribeToEvents, verifyStripeWebhook } from "./webhooks.ts";

/** Stripe, and whatever speaks its API: the built-in Collect in the first place. */
export function stripeProvider(hosts: StripeHosts): Provider<StripeDocument, StripeObserved> {
  const open = (connection: ProviderConnection): Stripe => openStripe(connection, hosts);
  return {
    name: "stripe",
    readCredential: readStripeCredential,
    readRouteOptions: readStripeRouteOptions,
    plan: (invoice, options) => toStripeDocument(invoice, options),
    rehearse: rehearseDelivery,
    observe: (connection, document, known) => observeInvoice(open(connection), document, known),
    nextStep,
    execute: (connection, request, key) => send(open(connection), request, key),
    fetch: (connection, externalId) => fetchInvoice(open(connection), externalId),
    verifyWebhook: (connection, rawBody, headers) => {
      const header = headers["stripe-signature"];
      return typeof header === "string"
        ? verifyStripeWebhook(connection, rawBody, header)
        : undefined;
    },
    subscribe: (connection, url) => subscribeToEvents(open(connection), connection, url),
  };
}

/** Sends exactly one write under its key. */
async function send(
  stripe: Stripe,
  { method, path, params }: ProviderRequest,
  idempotencyKey: string,
): Promise<WriteResult> {
  try {
    const reply = await stripe.rawRequest(method, path, { ...params }, { idempotencyKey });
    const { id } = reply as unknown as { id?: string };
    return { outcome: "accepted", ...(id === undefined ? {} : { externalId: id }) };
  } catch (error) {
    return fromWriteError(error);
  }
}
