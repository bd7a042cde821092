import Stripe from "stripe";
import type { RateGate } from "../../platform/rate/rate-gate.ts";
import { checked } from "./checked-response.ts";
import { retryAfter } from "./errors.ts";

type HttpClient = ReturnType<typeof Stripe.createNodeHttpClient>;

/** Connections to the provider are kept and shared by all clients. */
const http = Stripe.createNodeHttpClient();

/** A call that was turned away for its rate, without a word on how long to wait (Stripe docs: "Rate limits"). */
const RATE_LIMITED = "stripe-rate-limited-reason";

/**
 * Lets each call of the official client, and each that it repeats by itself, pass the gate first. A
 * Retry-After, or a call that came too fast, holds back every call of the connection. The wait is no
 * part of a call's time limit.
 */
export const throttled = (gate: RateGate, key: string, perSecond: number): HttpClient => ({
  getClientName: () => http.getClientName(),
  async makeRequest(...call) {
    await gate.pass(key, perSecond);
    const response = await http.makeRequest(...call);
    const headers = response.getHeaders() as Record<string, string>;
    const { afterSeconds = headers[RATE_LIMITED] === undefined ? 0 : 1 } = retryAfter({ headers });
    if (afterSeconds > 0) await gate.pause(key, afterSeconds);
    return checked(response);
  },
});
