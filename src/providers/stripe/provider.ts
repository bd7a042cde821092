import type Stripe from "stripe";
import { createRateGate, type RateGate } from "../../platform/rate/rate-gate.ts";
import type { ProviderRequest, WriteResult } from "../delivery-step.ts";
import type { Provider } from "../provider.ts";
import type { ProviderConnection } from "../provider-connection.ts";
import { stripeAccount } from "./account.ts";
import { afterWrite } from "./after-write.ts";
import { checkMappings } from "./check-mappings.ts";
import { openStripe, type StripeHosts } from "./client.ts";
import { readStripeCredential } from "./credential.ts";
import { nextNoteStep } from "./credit-note-step.ts";
import type { StripeDocument, StripePayment } from "./document.ts";
import { fromWriteError } from "./errors.ts";
import { stripeIntegrationRoute } from "./integration-route.ts";
import { stripeTarget } from "./integration-target.ts";
import { PRODUCT_MAPPINGS, stripeMappingTables } from "./mapping-tables.ts";
import { nextStep } from "./next-step.ts";
import { fetchInvoice, observeInvoice } from "./observe.ts";
import { observeCreditNote } from "./observe-credit-note.ts";
import { fetchPayment, isPaymentId, observePayment } from "./observe-payment.ts";
import {
  fetchPendingItems,
  isItemId,
  listCarriedItems,
  observePendingItems,
} from "./observe-pending-items.ts";
import type { StripeObserved } from "./observed.ts";
import { nextPaymentStep, type PaymentObserved } from "./payment-step.ts";
import { nextItemStep, type PendingObserved } from "./pending-items-step.ts";
import { stripeReconciler } from "./reconcile/reconciler.ts";
import { rehearseDelivery } from "./rehearse.ts";
import { payerOf, readStripeRouteOptions } from "./route-options.ts";
import { STRIPE_SETTINGS } from "./settings.ts";
import { subscribeToEvents } from "./subscription.ts";
import { toStripeDocument } from "./to-document.ts";
import { verifyStripeWebhook } from "./webhooks.ts";

/** Stripe, and whatever speaks its API: the built-in Collect in the first place. */
export function stripeProvider(
  hosts: StripeHosts,
  gate: RateGate = createRateGate(),
): Provider<StripeDocument | StripePayment, StripeObserved | PaymentObserved | PendingObserved> {
  const open = (connection: ProviderConnection): Stripe => openStripe(connection, hosts, gate);
  return {
    name: "stripe",
    payments: ["INVOICE", "PAYMENT_INTENT"],
    settings: STRIPE_SETTINGS,
    takesStatedTax: true,
    currentMappings: PRODUCT_MAPPINGS,
    mappings: { check: checkMappings },
    target: stripeTarget(open),
    readCredential: readStripeCredential,
    readRouteOptions: readStripeRouteOptions,
    payer: payerOf,
    plan: toStripeDocument,
    rehearse: rehearseDelivery,
    observe: (connection, document, known) => {
      const stripe = open(connection);
      if (document.kind === "payment") return observePayment(stripe, document, known);
      return document.pendingItems === undefined
        ? observeInvoice(stripe, document, known)
        : observePendingItems(stripe, document, known);
    },
    // What was observed is of the document's kind.
    nextStep: (document, observed) => {
      if (document.kind === "payment")
        return nextPaymentStep(document, observed as PaymentObserved);
      return document.pendingItems === undefined
        ? nextStep(document, observed as StripeObserved)
        : nextItemStep(document, observed as PendingObserved);
    },
    execute: (connection, request, key) => send(open(connection), request, key),
    afterWrite: (document, before, written, known) =>
      document.kind === "payment" || document.pendingItems !== undefined
        ? undefined
        : afterWrite(document, before as StripeObserved, written, known),
    fetch: (connection, externalId) => {
      const stripe = open(connection);
      if (isPaymentId(externalId)) return fetchPayment(stripe, externalId);
      return isItemId(externalId)
        ? fetchPendingItems(stripe, externalId)
        : fetchInvoice(stripe, externalId);
    },
    listCarried: (connection, carrierId) => listCarriedItems(open(connection), carrierId),
    creditNotes: {
      plan: (note) => ({ outcome: "send", document: note }),
      observe: (connection, note) => observeCreditNote(open(connection), note),
      nextStep: nextNoteStep,
    },
    routing: stripeIntegrationRoute(open),
    mappingTables: stripeMappingTables(open),
    reconciler: stripeReconciler(open),
    verifyWebhook: (connection, rawBody, headers) => {
      const header = headers["stripe-signature"];
      if (typeof header !== "string") return undefined;
      const event = verifyStripeWebhook(connection, rawBody, header);
      return event && [event];
    },
    account: stripeAccount(open),
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
    const { id, lastResponse } = reply as unknown as {
      readonly id?: string;
      readonly lastResponse: { readonly headers: Readonly<Record<string, string>> };
    };
    const isNews = lastResponse.headers["idempotent-replayed"] !== "true";
    return {
      outcome: "accepted",
      ...(id === undefined ? {} : { externalId: id }),
      ...(isNews ? { reply } : {}),
    };
  } catch (error) {
    return fromWriteError(error);
  }
}
