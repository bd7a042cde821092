import type { Outgoing } from "../../platform/network/outgoing.ts";
import type { Known, ProviderRequest, WriteResult } from "../delivery-step.ts";
import type { Provider } from "../provider.ts";
import type { ProviderConnection } from "../provider-connection.ts";
import { ProviderReadError } from "../read-error.ts";
import { readSandboxCredential, readSandboxRouteOptions, SANDBOX_SETTINGS } from "./account.ts";
import { callSystem, toReadError, toWriteResult } from "./client.ts";
import { isDocument, type SystemDocument, type WantedDocument } from "./document.ts";
import {
  afterWrite,
  CREATE_PATH,
  nameOfBatch,
  nextStep,
  type SandboxObserved,
  toAddLines,
  toBatches,
  toCreate,
  toExternalState,
  toFinalize,
} from "./next-step.ts";
import { toWantedDocument } from "./to-document.ts";
import { verifySandboxWebhook } from "./webhooks.ts";

const PLACEHOLDER = "{document.id}";

/**
 * Any system that keeps documents and speaks the few calls of docs/providers.md; for trying out, in the
 * SANDBOX environment only, what becomes of a delivery that fails in whatever way.
 */
export function sandboxProvider(outgoing: Outgoing): Provider<WantedDocument, SandboxObserved> {
  return {
    name: "sandbox",
    payments: [],
    settings: SANDBOX_SETTINGS,
    readCredential: readSandboxCredential,
    readRouteOptions: readSandboxRouteOptions,
    payer: ({ payer }) => (typeof payer === "string" ? payer : undefined),
    plan: toWantedDocument,
    rehearse: (wanted) => [
      { name: "create", request: toCreate(wanted) },
      ...toBatches(wanted.lines).map((batch) => ({
        name: nameOfBatch(wanted, batch),
        request: toAddLines(PLACEHOLDER, batch),
      })),
      { name: "finalize", request: toFinalize(PLACEHOLDER) },
    ],
    observe: (connection, wanted, known) => observe(outgoing, connection, wanted, known),
    nextStep,
    execute: (connection, request, key) => execute(outgoing, connection, request, key),
    afterWrite: (wanted, before, { request, reply }) =>
      isDocument(reply) ? afterWrite(wanted, before, request, reply) : undefined,
    async fetch(connection, externalId) {
      const document = await retrieve(outgoing, connection, externalId);
      return document && toExternalState(document);
    },
    verifyWebhook(connection, rawBody, headers) {
      const header = headers["sandbox-signature"];
      if (typeof header !== "string") return undefined;
      const event = verifySandboxWebhook(connection, rawBody, header);
      return event && [event];
    },
    async subscribe(connection, url) {
      const answer = await callSystem(outgoing, connection, {
        method: "POST",
        path: "/webhooks",
        body: { url },
        idempotencyKey: `ledgerline-${connection.id}-webhooks`,
      });
      if (answer.outcome !== "answered") throw toReadError(answer);
      const { secret } = answer.body as { readonly secret?: unknown };
      if (typeof secret !== "string") throw unreadable();
      return { ...connection.credential, webhook_secret: secret };
    },
  };
}

const unreadable = (): ProviderReadError =>
  new ProviderReadError("The system answered what is no document.", {
    code: "unreadable",
    permanent: false,
  });

async function retrieve(
  outgoing: Outgoing,
  connection: ProviderConnection,
  id: string,
): Promise<SystemDocument | undefined> {
  const path = `${CREATE_PATH}/${encodeURIComponent(id)}`;
  const answer = await callSystem(outgoing, connection, { method: "GET", path });
  if (answer.outcome !== "answered") {
    if (answer.status === 404) return undefined;
    throw toReadError(answer);
  }
  if (!isDocument(answer.body)) throw unreadable();
  return answer.body;
}

/** The document that a creation of unknown outcome may have left. */
async function findCreated(
  outgoing: Outgoing,
  connection: ProviderConnection,
  { reference }: WantedDocument,
): Promise<SystemDocument | undefined> {
  const path = `${CREATE_PATH}?reference=${encodeURIComponent(reference)}`;
  const answer = await callSystem(outgoing, connection, { method: "GET", path });
  if (answer.outcome !== "answered") throw toReadError(answer);
  const { documents } = answer.body as { readonly documents?: unknown };
  if (!Array.isArray(documents) || !documents.every(isDocument)) throw unreadable();
  return documents[0];
}

async function observe(
  outgoing: Outgoing,
  connection: ProviderConnection,
  wanted: WantedDocument,
  { externalId, begun }: Known,
): Promise<SandboxObserved> {
  if (externalId !== undefined) {
    const document = await retrieve(outgoing, connection, externalId);
    return document === undefined ? { state: "deleted", externalId } : { state: "found", document };
  }
  if (!begun.some(({ path }) => path === CREATE_PATH)) return { state: "none" };
  const document = await findCreated(outgoing, connection, wanted);
  return document === undefined ? { state: "none" } : { state: "found", document };
}

/** Sends exactly one write under its key. An answer that is no document leaves the outcome unknown. */
async function execute(
  outgoing: Outgoing,
  connection: ProviderConnection,
  { method, path, params }: ProviderRequest,
  idempotencyKey: string,
): Promise<WriteResult> {
  const call = { method, path, body: params, idempotencyKey };
  const answer = await callSystem(outgoing, connection, call);
  if (answer.outcome !== "answered") return toWriteResult(answer);
  if (!isDocument(answer.body)) {
    return { outcome: "retry", message: unreadable().message, newKey: false };
  }
  return toWriteResult(answer, answer.body.id);
}
