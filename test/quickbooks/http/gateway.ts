import { randomUUID } from "node:crypto";
import type { Clock } from "../clock.ts";
import { jsonReply, type Reply, xmlReply } from "./call.ts";

/** What is refused before the books hear of it, in the gateway's own shape: all lower case. */
const gatewayReply = (
  clock: Clock,
  status: number,
  code: string,
  type: string,
  [message, detail]: readonly [string, string],
  headers: Readonly<Record<string, string>> = {},
): Reply =>
  jsonReply(
    status,
    {
      warnings: null,
      intuitObject: null,
      fault: {
        error: [
          {
            message: `message=${message}; errorCode=00${code}; statusCode=${status}`,
            detail,
            code,
            element: null,
          },
        ],
        type,
      },
      report: null,
      queryResponse: null,
      batchItemResponse: [],
      attachableResponse: [],
      syncErrorResponse: null,
      requestId: null,
      time: clock.now(),
      status: null,
      cdcresponse: [],
    },
    headers,
  );

/** The detail names the token, as the real one does: it belongs into nobody's log. */
export const unauthorized = (clock: Clock, token: string): Reply =>
  gatewayReply(
    clock,
    401,
    "3200",
    "AUTHENTICATION",
    ["AuthenticationFailed", `Token expired: ${token.slice(0, 40)}`],
    { "www-authenticate": 'Bearer realm="Intuit", error="invalid_token"' },
  );

export const forbidden = (clock: Clock): Reply =>
  gatewayReply(clock, 403, "3100", "AUTHORIZATION", [
    "ApplicationAuthorizationFailed",
    "The application is not authorized for this company",
  ]);

export const throttled = (clock: Clock): Reply =>
  gatewayReply(clock, 429, "3001", "THROTTLE", [
    "ThrottleExceeded",
    "Too many requests: statusCode=429",
  ]);

/** Under 403 it has been seen as well. */
export const throttledInXml = (status: 403 | 429): Reply =>
  xmlReply(
    status,
    `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><IntuitResponse time="${randomUUID()}" xmlns="http://schema.intuit.com/finance/v3"><Fault type="THROTTLE"><Error code="3001"><Message>message=ThrottleExceeded; errorCode=003001; statusCode=${status}</Message></Error></Fault></IntuitResponse>`,
  );

export interface Limits {
  readonly perSecond: number;
  readonly perMinute: number;
}

/** Counts the calls of a company; true when one is too many. */
export function openThrottle(clock: Clock, limits: Limits | undefined) {
  const calls = new Map<string, number[]>();
  return (realmId: string): boolean => {
    if (limits === undefined) return false;
    const now = clock.now();
    const lately = (calls.get(realmId) ?? []).filter((at) => now - at < 60_000);
    const inSecond = lately.filter((at) => now - at < 1000).length;
    const isTooMany = lately.length >= limits.perMinute || inSecond >= limits.perSecond;
    calls.set(realmId, isTooMany ? lately : [...lately, now]);
    return isTooMany;
  };
}
