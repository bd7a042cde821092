import { createHash } from "node:crypto";
import { Temporal } from "../../domain/time.ts";
import { AppError } from "../../errors.ts";
import { writeExact } from "../../platform/json/exact-json.ts";
import type { Outgoing, OutgoingResponse } from "../../platform/network/outgoing.ts";
import type { AtMost } from "../../platform/rate/at-most.ts";
import type { RateGate } from "../../platform/rate/rate-gate.ts";
import type { Credential, ProviderConnection } from "../provider-connection.ts";
import { ProviderReadError } from "../read-error.ts";
import { EXPIRED, type Fault, noAnswer, readFault, THROTTLE_SECONDS } from "./faults.ts";
import { isStale } from "./oauth.ts";
import { readAnswer } from "./read-answer.ts";
import { toQuickBooksSettings } from "./settings.ts";

export interface QuickBooksHosts {
  /** QBO_API_BASE: every company's calls go there. */
  readonly api: string | undefined;
  /** QBO_OAUTH_BASE: where consent is asked for and tokens are traded. */
  readonly oauth: string | undefined;
  /** How long a write may take. Default: longer than Intuit's own limit of two minutes. */
  readonly writeTimeoutMs?: number;
  /** How long no call is made after one was throttled. Default: as Intuit asks. */
  readonly pauseSeconds?: number;
}

/** What calls of a company need. */
export interface QuickBooksParts {
  readonly outgoing: Outgoing;
  readonly hosts: QuickBooksHosts;
  readonly gate: RateGate;
  /** Not too many calls of a company at the same time. */
  readonly calls: AtMost;
}

export interface CompanyCall {
  readonly method: "GET" | "POST";
  /** Behind the company ("/invoice"), or whole ("/v3/company/.../invoice"). */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** At most 50 characters; the company does the same thing once under it. */
  readonly requestId?: string;
}

export type CompanyAnswer =
  | { readonly outcome: "answered"; readonly body: Readonly<Record<string, unknown>> }
  | { readonly outcome: "failed"; readonly fault: Fault };

const API = {
  production: "https://quickbooks.api.intuit.com",
  sandbox: "https://sandbox-quickbooks.api.intuit.com",
};
/** Intuit docs, "Minor versions": the oldest that is still served. */
const MINOR_VERSION = "75";
/** Of one company. */
export const CALLS_AT_ONCE = 5;
const READ_TIMEOUT_MS = 30_000;
const WRITE_TIMEOUT_MS = 125_000;
const MAX_RESPONSE_BYTES = 16_000_000;

/** A request id for a key of ours: the same for the same key, within the 50 characters that are taken. */
export const requestIdOf = (key: string): string =>
  createHash("sha256").update(key).digest("hex").slice(0, 40);

const notConnected = (): ProviderReadError =>
  new ProviderReadError(
    "Nobody has connected the company yet. Open the connection's authorize_url, then retry.",
    { code: "authorization_required", permanent: true },
  );

const hostFor = (hosts: QuickBooksHosts, connection: ProviderConnection): string =>
  hosts.api ?? API[toQuickBooksSettings(connection).environment];

/** The path of something of a company. */
export const companyPath = (realmId: string, path: string): string =>
  `/v3/company/${encodeURIComponent(realmId)}${path}`;

/** The limits of a company hold for all connections to it together. */
const laneOf = ({ id, settings: { realm_id: realmId } }: ProviderConnection): string =>
  typeof realmId === "string" ? `quickbooks:${realmId}` : id;

/** The address of a call. Throws ProviderReadError while no company is known. */
function addressOf(hosts: QuickBooksHosts, connection: ProviderConnection, call: CompanyCall): URL {
  const { realm_id: realmId } = connection.settings;
  if (typeof realmId !== "string" || realmId === "") throw notConnected();
  const path = call.path.startsWith("/v3/") ? call.path : companyPath(realmId, call.path);
  const url = new URL(`${hostFor(hosts, connection)}${path}`);
  for (const [name, value] of Object.entries(call.query ?? {})) url.searchParams.set(name, value);
  url.searchParams.set("minorversion", MINOR_VERSION);
  if (call.requestId !== undefined) url.searchParams.set("requestid", call.requestId);
  return url;
}

const tidOf = (headers: OutgoingResponse["headers"]): string | undefined => {
  const { intuit_tid: tid } = headers;
  return typeof tid === "string" ? tid : undefined;
};

async function send(
  { outgoing, hosts, gate }: QuickBooksParts,
  connection: ProviderConnection,
  credential: Credential,
  call: CompanyCall,
): Promise<CompanyAnswer> {
  const url = addressOf(hosts, connection, call);
  if (typeof credential.access_token !== "string") throw notConnected();
  await gate.pass(laneOf(connection), toQuickBooksSettings(connection).requests_per_second);
  try {
    const { status, headers, body } = await outgoing.request(call.method, url.href, {
      headers: {
        accept: "application/json",
        authorization: `Bearer ${credential.access_token}`,
        ...(call.body === undefined ? {} : { "content-type": "application/json" }),
      },
      body: call.body === undefined ? "" : writeExact(call.body),
      timeoutMs:
        call.method === "GET" ? READ_TIMEOUT_MS : (hosts.writeTimeoutMs ?? WRITE_TIMEOUT_MS),
      maxResponseBytes: MAX_RESPONSE_BYTES,
    });
    const read = readAnswer(body);
    const fault = readFault(status, read, tidOf(headers));
    if (fault === undefined) return { outcome: "answered", body: read as Record<string, unknown> };
    if (fault.reaction === "throttled")
      await gate.pause(laneOf(connection), hosts.pauseSeconds ?? THROTTLE_SECONDS);
    return { outcome: "failed", fault };
  } catch (error) {
    if (error instanceof AppError) {
      const { code, message } = error;
      return {
        outcome: "failed",
        fault: { reaction: "refused", status: undefined, code, message, tid: undefined },
      };
    }
    const reason = error instanceof Error ? error.message : String(error);
    return { outcome: "failed", fault: noAnswer(reason) };
  }
}

/**
 * Makes one call of the connected company. A token that is refused is renewed once, and the call repeated
 * under the same request id. What went wrong is answered, and carries no credential; throws
 * ProviderReadError when the company is not connected or the consent is over.
 */
export async function callCompany(
  parts: QuickBooksParts,
  connection: ProviderConnection,
  call: CompanyCall,
): Promise<CompanyAnswer> {
  const given = connection.credential;
  const isConnected = typeof given.refresh_token === "string";
  const used =
    isConnected && isStale(given, Temporal.Now.instant())
      ? ((await connection.renew?.(given)) ?? given)
      : given;
  const make = (credential: Credential) =>
    parts.calls.run(laneOf(connection), () => send(parts, connection, credential, call));
  const answer = await make(used);
  const isRefused = answer.outcome === "failed" && answer.fault.code === EXPIRED;
  if (!isRefused || connection.renew === undefined) return answer;
  return make(await connection.renew(used));
}
