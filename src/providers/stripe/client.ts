import Stripe from "stripe";
import type { RateGate } from "../../platform/rate/rate-gate.ts";
import type { ProviderConnection } from "../provider-connection.ts";
import { ProviderReadError } from "../read-error.ts";
import { toStripeSettings } from "./settings.ts";
import { throttled } from "./throttled-client.ts";

export interface StripeHosts {
  /** STRIPE_API_BASE: every connection's calls go there. */
  readonly override: string | undefined;
  /** Where our own Collect answers; undefined when it is off. */
  readonly collect: () => string | undefined;
  /** How long a call may take. Default: half a minute. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 30_000;

const hostOf = (base: string) => {
  const url = new URL(base);
  const protocol = url.protocol === "http:" ? "http" : "https";
  return {
    host: url.hostname,
    port: url.port || (protocol === "http" ? 80 : 443),
    protocol,
  } as const;
};

/**
 * The official client for a connection. It retries nothing by itself: the delivery loop does. Each of
 * its calls, reads too, passes `gate` at the connection's `requests_per_second`.
 * Throws ProviderReadError when the connection leads to a Collect that is switched off.
 */
export function openStripe(
  connection: ProviderConnection,
  hosts: StripeHosts,
  gate: RateGate,
): Stripe {
  const { api_key: apiKey, stripe_account: stripeAccount } = connection.credential;
  if (typeof apiKey !== "string") throw new Error("The connection has no API key");
  const base = hosts.override ?? (connection.builtIn ? hosts.collect() : undefined);
  if (connection.builtIn && base === undefined) {
    throw new ProviderReadError("The sandbox's Collect is switched off (COLLECT_PORT=off).", {
      code: "collect_off",
      permanent: true,
    });
  }
  return new Stripe(apiKey, {
    maxNetworkRetries: 0,
    timeout: hosts.timeoutMs ?? TIMEOUT_MS,
    telemetry: false,
    httpClient: throttled(gate, connection.id, toStripeSettings(connection).requests_per_second),
    ...(base === undefined ? {} : hostOf(base)),
    ...(typeof stripeAccount === "string" ? { stripeAccount } : {}),
  });
}
