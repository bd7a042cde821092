import { randomBytes } from "node:crypto";
import { AppError } from "../../errors.ts";
import type { Outgoing } from "../../platform/network/outgoing.ts";
import { mergeMetadata } from "../domain/metadata.ts";
import { refused } from "../errors.ts";
import { newId } from "../ids.ts";
import type { Scope } from "../scope.ts";
import {
  insertWebhookEndpoint,
  lockWebhookEndpoint,
  updateWebhookEndpoint,
  type WebhookEndpointRow,
} from "../store/webhook-endpoints.ts";

export interface WebhookEndpointTerms {
  readonly url?: string | undefined;
  readonly enabledEvents?: readonly string[] | undefined;
  readonly description?: string | null | undefined;
  readonly metadata?: Readonly<Record<string, string>> | null | undefined;
  readonly disabled?: boolean | undefined;
}

const SECRET_BYTES = 24;
const EVENT_NAME = /^(\*|[a-z][a-z_]*(\.[a-z][a-z_]*)+)$/;

/** 400 for an address that we would not call later either. */
function assertCallable(outgoing: Outgoing, url: string): void {
  try {
    outgoing.check(url);
  } catch (error) {
    if (error instanceof AppError) throw refused("url_invalid", error.message, "url");
    throw error;
  }
}

function assertEvents(events: readonly string[]): void {
  if (events.length === 0) {
    throw refused("parameter_invalid_empty", "Name at least one event type", "enabled_events");
  }
  for (const [index, name] of events.entries()) {
    if (EVENT_NAME.test(name)) continue;
    const param = `enabled_events[${index}]`;
    throw refused("invalid_argument", `Invalid ${param}: no such event type`, param);
  }
}

/** Makes an endpoint with a signing secret of its own, which is kept sealed. Throws 400 for an address that may not be called. */
export async function createWebhookEndpoint(
  scope: Scope,
  outgoing: Outgoing,
  terms: WebhookEndpointTerms & {
    readonly url: string;
    readonly enabledEvents: readonly string[];
    readonly apiVersion: string | undefined;
  },
): Promise<{ readonly row: WebhookEndpointRow; readonly secret: string }> {
  assertCallable(outgoing, terms.url);
  assertEvents(terms.enabledEvents);
  const secret = `whsec_${randomBytes(SECRET_BYTES).toString("hex")}`;
  const row = await insertWebhookEndpoint(scope, {
    id: newId("we"),
    url: terms.url,
    description: terms.description ?? null,
    secret: scope.vault.encrypt(secret),
    api_version: terms.apiVersion ?? null,
    enabled_events: JSON.stringify(terms.enabledEvents),
    metadata: JSON.stringify(mergeMetadata({}, terms.metadata)),
    status: "enabled",
    failing_since_at: null,
  });
  return { row, secret };
}

/** Changes what the request names; enabling it again forgets its failures. Throws 404 or 400. */
export async function changeWebhookEndpoint(
  scope: Scope,
  outgoing: Outgoing,
  id: string,
  terms: WebhookEndpointTerms,
): Promise<WebhookEndpointRow> {
  const before = await lockWebhookEndpoint(scope, id);
  if (terms.url !== undefined) assertCallable(outgoing, terms.url);
  if (terms.enabledEvents !== undefined) assertEvents(terms.enabledEvents);
  return updateWebhookEndpoint(scope, id, {
    url: terms.url ?? before.url,
    description: terms.description === undefined ? before.description : terms.description,
    enabled_events: JSON.stringify(terms.enabledEvents ?? before.enabled_events),
    metadata: JSON.stringify(mergeMetadata(before.metadata, terms.metadata)),
    ...(terms.disabled === undefined
      ? {}
      : { status: terms.disabled ? "disabled" : "enabled", failing_since_at: null }),
  });
}
