import type { Outgoing } from "../../platform/network/outgoing.ts";
import { atMost } from "../../platform/rate/at-most.ts";
import { createRateGate, type RateGate } from "../../platform/rate/rate-gate.ts";
import type { ProviderRequest, WriteResult } from "../delivery-step.ts";
import type { Provider } from "../provider.ts";
import type { ProviderConnection } from "../provider-connection.ts";
import { quickBooksAccount } from "./account.ts";
import {
  CALLS_AT_ONCE,
  callCompany,
  type QuickBooksHosts,
  type QuickBooksParts,
  requestIdOf,
} from "./client.ts";
import { quickBooksConsent } from "./consent.ts";
import { readQuickBooksCredential } from "./credential.ts";
import { quickBooksCreditNotes } from "./credit-notes/credit-note-taker.ts";
import type { DocumentKind, QuickBooksDocument } from "./document.ts";
import { toWriteFailure } from "./faults.ts";
import { quickBooksRoute } from "./integration-route.ts";
import { quickBooksTarget } from "./integration-target.ts";
import { ITEM_MAPPINGS, MAPPED_FIELDS } from "./mapped-fields.ts";
import { quickBooksMappingTables } from "./mapping-tables.ts";
import { nextStep, type QuickBooksObserved } from "./next-step.ts";
import { observe, readDocument } from "./observe.ts";
import { quickBooksReconciler } from "./reconcile/reconciler.ts";
import { rehearse } from "./rehearse.ts";
import { relatedDocuments } from "./related-documents.ts";
import { payerOf, readQuickBooksRouteOptions } from "./route-options.ts";
import { readSalesDocument, toExternalId, toExternalState } from "./sales-document.ts";
import { QUICKBOOKS_SETTINGS, toQuickBooksSettings } from "./settings.ts";
import { toQuickBooksDocument } from "./to-document.ts";
import { isCreate } from "./to-requests.ts";
import { verifyQuickBooksWebhook } from "./webhooks.ts";

const KINDS: readonly DocumentKind[] = ["Invoice", "CreditMemo"];

/** QuickBooks Online: invoices and credit memos in the books of a company (docs/quickbooks.md). */
export function quickBooksProvider(
  outgoing: Outgoing,
  hosts: QuickBooksHosts,
  gate: RateGate = createRateGate(),
): Provider<QuickBooksDocument, QuickBooksObserved> {
  const parts: QuickBooksParts = { outgoing, hosts, gate, calls: atMost(CALLS_AT_ONCE) };
  return {
    name: "quickbooks_online",
    path: "quickbooks",
    payments: [],
    settings: QUICKBOOKS_SETTINGS,
    currentFields: MAPPED_FIELDS,
    currentMappings: ITEM_MAPPINGS,
    readCredential: readQuickBooksCredential,
    readRouteOptions: readQuickBooksRouteOptions,
    payer: payerOf,
    plan: toQuickBooksDocument,
    rehearse,
    observe: (connection, document, known) => observe(parts, connection, document, known),
    nextStep,
    execute: (connection, request, key) => execute(parts, connection, request, key),
    async fetch(connection, externalId) {
      const document = await readDocument(parts, connection, externalId);
      const { home_currency: home } = toQuickBooksSettings(connection);
      return document && toExternalState(document, home);
    },
    verifyWebhook: (connection, rawBody, headers) =>
      verifyQuickBooksWebhook(connection, rawBody, headers["intuit-signature"]),
    relatedDocuments: (connection, related) => relatedDocuments(parts, connection, related),
    creditNotes: quickBooksCreditNotes(parts),
    target: quickBooksTarget(parts),
    routing: quickBooksRoute,
    mappingTables: quickBooksMappingTables(parts),
    reconciler: quickBooksReconciler(parts),
    account: quickBooksAccount(parts),
    oauth: quickBooksConsent(parts),
    subscribe: async ({ credential }) => credential,
  };
}

/**
 * Sends exactly one write under its key. An answer that cannot be read leaves the outcome unknown. What was
 * answered decides nothing: the company repeats an old answer without a word, also of what is gone since.
 */
async function execute(
  parts: QuickBooksParts,
  connection: ProviderConnection,
  request: ProviderRequest,
  key: string,
): Promise<WriteResult> {
  const answer = await callCompany(parts, connection, {
    method: "POST",
    path: request.path,
    body: request.params,
    requestId: requestIdOf(key),
  });
  if (answer.outcome === "failed") return toWriteFailure(answer.fault);
  const kind = KINDS.find((each) => isCreate(request, each));
  if (kind === undefined) return { outcome: "accepted" };
  const document = readSalesDocument(kind, answer.body[kind]);
  return document === undefined
    ? { outcome: "retry", message: "QuickBooks answered what is no document.", newKey: false }
    : { outcome: "accepted", externalId: toExternalId(document) };
}
