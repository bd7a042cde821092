import type Stripe from "stripe";
import type { Provider, ProviderConnection, ProviderRequest, WriteResult } from "../provider.ts";
import { openStripe, type StripeHosts } from "./client.ts";
import { readStripeCredential } from "./credential.ts";
import { nextNoteStep } from "./credit-note-step.ts";
import type { StripeDocument, StripePayment } from "./document.ts";
import { fromWriteError } from "./errors.ts";
import { stripeMappingTables } from "./mapping-tables.ts";
import { nextStep, type StripeObserved } from "./next-step.ts";
import { fetchInvoice, observeInvoice } from "./observe.ts";
import { observeCreditNote } from "./observe-credit-note.ts";
import { fetchPayment, isPaymentId, observePayment } from "./observe-payment.ts";
import { nextPaymentStep, type PaymentObserved } from "./payment-step.ts";
import { rehearseDelivery } from "./rehearse.ts";
import { readStripeRouteOptions } from "./route-options.ts";
import { STRIPE_SETTINGS } from "./settings.ts";
import { toStripeDocument } from "./to-document.ts";
import { subscribeToEvents, verifyStripeWebhook } from "./webhooks.ts";

/** Stripe, and whatever speaks its API: the built-in Collect in the first place. */
export function stripeProvider(
  hosts: StripeHosts,
): Provider<StripeDocument | StripePayment, StripeObserved | PaymentObserved> {
  const open = (connection: ProviderConnection): Stripe => openStripe(connection, hosts);
  return {
    name: "stripe",
    payments: ["INVOICE", "PAYMENT_INTENT"],
    settings: STRIPE_SETTINGS,
    readCredential: readStripeCredential,
    readRouteOptions: readStripeRouteOptions,
    plan: (invoice, options) => toStripeDocument(invoice, options),
    rehearse: rehearseDelivery,
    observe: (connection, document, known) =>
      document.kind === "payment"
        ? observePayment(open(connection), document, known)
        : observeInvoice(open(connection), document, known),
    // What was observed is of the document's kind.
    nextStep: (document, observed) =>
      document.kind === "payment"
        ? nextPaymentStep(document, observed as PaymentObserved)
        : nextStep(document, observed as StripeObserved),
    execute: (connection, request, key) => send(open(connection), request, key),
    fetch: (connection, externalId) =>
      isPaymentId(externalId)
        ? fetchPayment(open(connection), externalId)
        : fetchInvoice(open(connection), externalId),
    creditNotes: {
      observe: (connection, note) => observeCreditNote(open(connection), note),
      nextStep: nextNoteStep,
    },
    mappingTables: stripeMappingTables(open),
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
