import type { Clock } from "../clock.ts";
import { describeFault, FAULTS, type FaultCode, QuickBooksFault } from "../faults.ts";
import { type Call, htmlReply, jsonReply, type Reply } from "./call.ts";
import { forbidden, throttled, throttledInXml, unauthorized } from "./gateway.ts";

/** "before": the books hear nothing of it; "after": they do, and the caller does not learn of it. */
export type TroubleKind =
  | "cut before"
  | "cut after"
  | "broken before"
  | "broken after"
  /** No answer until the caller gives up, or `release` is called. */
  | "slow after"
  | "throttled"
  | "throttled xml"
  /** In XML too, and under another status. */
  | "throttled 403"
  /** A page instead of JSON, with status 200. */
  | "page after"
  /** A page instead of JSON, with status 502. */
  | "bad gateway after"
  | "expired"
  | "forbidden"
  | FaultCode;

/** Part of "POST /v3/company/1/invoice?requestid=...", or a pattern of it, or a test of the call. */
export type Match = string | RegExp | ((call: Call) => boolean);

interface Trouble {
  readonly match: Match;
  readonly kind: TroubleKind;
  left: number;
}

export function openTroubles() {
  const troubles: Trouble[] = [];
  function isMet(match: Match, call: Call): boolean {
    if (typeof match === "function") return match(call);
    const query = call.query.size === 0 ? "" : `?${call.query}`;
    const line = `${call.method} ${call.path}${query}`;
    return typeof match === "string" ? line.includes(match) : match.test(line);
  }
  return {
    add(match: Match, kind: TroubleKind, times: number): void {
      troubles.push({ match, kind, left: times });
    },
    /** What shall happen to this call; each trouble is for so many calls. */
    take(call: Call): TroubleKind | undefined {
      const trouble = troubles.find(({ match, left }) => left > 0 && isMet(match, call));
      if (trouble !== undefined) trouble.left -= 1;
      return trouble?.kind;
    },
    clear: () => void troubles.splice(0),
  };
}

const PAGE = "<html><body><h1>We're sorry, QuickBooks is not available</h1></body></html>";

/** A fault of the books as an answer, without any call of them. */
export const faultReply = (fault: QuickBooksFault, time: string): Reply =>
  jsonReply(FAULTS[fault.code].status, { Fault: describeFault(fault), time });

const systemFault = (time: string): Reply =>
  faultReply(new QuickBooksFault("10000", "An unexpected error occurred. Please wait.", ""), time);

/** What is answered in the place of the books, which hear nothing of the call. */
export function replyBefore(
  kind: TroubleKind,
  clock: Clock,
  call: Call,
  time: string,
): Reply | "cut" | undefined {
  switch (kind) {
    case "cut before":
      return "cut";
    case "broken before":
      return systemFault(time);
    case "throttled":
      return throttled(clock);
    case "throttled xml":
      return throttledInXml(429);
    case "throttled 403":
      return throttledInXml(403);
    case "expired":
      return unauthorized(clock, call.headers.authorization?.slice("Bearer ".length) ?? "");
    case "forbidden":
      return forbidden(clock);
    case "cut after":
    case "broken after":
    case "slow after":
    case "page after":
    case "bad gateway after":
      return undefined;
    default:
      return faultReply(new QuickBooksFault(kind, "As a test asked for", ""), time);
  }
}

/** What is answered in the place of what the books answered. */
export function replyAfter(
  kind: TroubleKind | undefined,
  reply: Reply,
  time: string,
): Reply | "cut" | "hold" {
  switch (kind) {
    case "cut after":
      return "cut";
    case "slow after":
      return "hold";
    case "broken after":
      return systemFault(time);
    case "page after":
      return htmlReply(200, PAGE);
    case "bad gateway after":
      return htmlReply(502, PAGE);
    default:
      return reply;
  }
}
