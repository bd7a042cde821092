import type { Books } from "../books/books.ts";
import { type Clock, toTime } from "../clock.ts";
import { QuickBooksFault, refuse } from "../faults.ts";
import { type Call, type Reply, xmlReply } from "./call.ts";
import { forbidden, throttled, unauthorized } from "./gateway.ts";
import { answerOperation } from "./routes.ts";
import type { Tokens } from "./tokens.ts";
import { faultReply } from "./trouble.ts";

const LONGEST_REQUEST_ID = 50;
const LONGEST_IN_BATCH = 36;

export interface Api {
  readonly clock: Clock;
  readonly tokens: Tokens;
  readonly companies: ReadonlyMap<string, Books>;
  /** Whether a company has had too many calls. */
  isThrottled(realmId: string): boolean;
  /** Replies by company and request id: they are for ever. */
  readonly replies: Map<string, Reply>;
  /** Whether a refusal is repeated under its request id, too. */
  readonly repeatsFaults: boolean;
}

function checkQuery(call: Call, isBatch: boolean): void {
  const requestId = call.query.get("requestid") ?? "";
  const longest = isBatch ? LONGEST_IN_BATCH : LONGEST_REQUEST_ID;
  if (requestId.length > longest) {
    refuse(
      "2050",
      `requestid has at most ${longest} characters. Supplied length:${requestId.length}`,
    );
  }
  const version = call.query.get("minorversion");
  if (version !== null && !/^\d+$/.test(version)) {
    refuse("2090", `minorversion is no number: ${version}`);
  }
}

/** Answers a call of a company's books, once for each request id. */
function answerOnce(api: Api, books: Books, call: Call, rest: readonly string[]): Reply {
  const requestId = call.method === "POST" ? (call.query.get("requestid") ?? "") : "";
  const key = `${books.realmId} ${requestId}`;
  try {
    checkQuery(call, rest[0] === "batch");
    const before = requestId === "" ? undefined : api.replies.get(key);
    if (before !== undefined) return before;
    const reply = answerOperation(books, call, rest);
    if (requestId !== "") api.replies.set(key, reply);
    return reply;
  } catch (error) {
    if (!(error instanceof QuickBooksFault)) throw error;
    const reply = faultReply(error, toTime(api.clock.now()));
    if (requestId !== "" && api.repeatsFaults) api.replies.set(key, reply);
    return reply;
  }
}

/** A call of the Accounting API, past the gate: token, company, limits. */
export function answerApi(api: Api, call: Call): Reply | undefined {
  const [, version, word, realmId = "", ...rest] = call.path.split("/");
  if (version !== "v3" || word !== "company") return undefined;
  const [scheme, token = ""] = (call.headers.authorization ?? "").split(" ");
  const allowed = scheme === "Bearer" ? api.tokens.realmOf(token) : undefined;
  if (allowed === undefined) return unauthorized(api.clock, token);
  const books = api.companies.get(realmId);
  if (allowed !== realmId || books === undefined) return forbidden(api.clock);
  if (api.isThrottled(realmId)) return throttled(api.clock);
  const reply = answerOnce(api, books, call, rest);
  // Who does not ask for JSON gets XML, which here says no more than that.
  const isJson = reply.headers["content-type"]?.startsWith("application/json");
  const isAsked = call.headers.accept?.includes("application/json");
  return isJson && !isAsked ? xmlReply(reply.status, "<IntuitResponse/>") : reply;
}
