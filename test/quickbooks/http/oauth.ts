import { parseJson } from "../json.ts";
import { type Call, htmlReply, jsonReply, type Reply, redirectReply } from "./call.ts";
import type { TokenSet, Tokens } from "./tokens.ts";

/** The application as it is registered with Intuit. */
export interface App {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly verifierToken: string;
  readonly redirectUris: string[];
}

const SCOPE = "com.intuit.quickbooks.accounting";
const HARD_EXPIRY = "x-include-refresh-token-hard-expires-in";

const oauthError = (status: number, error: string, description: string): Reply =>
  jsonReply(status, { error, error_description: description });

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** Why nobody is sent back to where a request says: it may not be from the app at all. */
function whyNotAuthorized(app: App, query: URLSearchParams): string | undefined {
  if (query.get("client_id") !== app.clientId) return "client_id is unknown";
  if (!app.redirectUris.includes(query.get("redirect_uri") ?? "")) {
    return "redirect_uri is not registered";
  }
  if (query.get("response_type") !== "code") return "response_type must be code";
  if (!(query.get("scope") ?? "").split(" ").includes(SCOPE)) return `scope must name ${SCOPE}`;
  return query.get("state") ? undefined : "state is missing";
}

/** The page on which a person chooses the company and agrees. */
function consentPage(query: URLSearchParams, realmIds: readonly string[]): string {
  const hidden = [...query]
    .map(
      ([name, value]) =>
        `<input type=hidden name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
    )
    .join("");
  const realms = realmIds.map((id) => `<option>${escapeHtml(id)}</option>`).join("");
  return `<!doctype html><title>QuickBooks stand-in</title><form method=post action="/connect/oauth2">${hidden}<label>Company <select name=realmId>${realms}</select></label><button name=decision value=approve>Connect</button><button name=decision value=deny>Cancel</button></form>`;
}

function decide(tokens: Tokens, form: URLSearchParams, realmIds: readonly string[]): Reply {
  const target = new URL(form.get("redirect_uri") ?? "");
  const realmId = form.get("realmId") ?? "";
  target.searchParams.set("state", form.get("state") ?? "");
  if (form.get("decision") !== "approve") {
    target.searchParams.set("error", "access_denied");
    return redirectReply(target.href);
  }
  if (!realmIds.includes(realmId)) return htmlReply(400, "There is no such company");
  target.searchParams.set("code", tokens.addCode(realmId, form.get("redirect_uri") ?? ""));
  target.searchParams.set("realmId", realmId);
  return redirectReply(target.href);
}

/** The client by HTTP Basic or in the form, as the discovery document lists both. */
function isClient(app: App, call: Call, form: URLSearchParams): boolean {
  const [scheme, text = ""] = (call.headers.authorization ?? "").split(" ");
  const basic = Buffer.from(text, "base64").toString("utf8").split(":");
  const [id, secret] =
    scheme === "Basic"
      ? [decodeURIComponent(basic[0] ?? ""), decodeURIComponent(basic[1] ?? "")]
      : [form.get("client_id"), form.get("client_secret")];
  return id === app.clientId && secret === app.clientSecret;
}

function answerTokens(call: Call, tokenSet: TokenSet | undefined): Reply {
  if (tokenSet === undefined) {
    return oauthError(400, "invalid_grant", "Incorrect or expired Token");
  }
  const { x_refresh_token_hard_expires_in, ...plain } = tokenSet;
  const isAsked = call.headers[HARD_EXPIRY] === "true";
  return jsonReply(200, isAsked ? { ...plain, x_refresh_token_hard_expires_in } : plain);
}

function token(app: App, tokens: Tokens, call: Call): Reply {
  const form = new URLSearchParams(call.body);
  if (!(call.headers["content-type"] ?? "").startsWith("application/x-www-form-urlencoded")) {
    return oauthError(400, "invalid_request", "The body is no form");
  }
  if (!isClient(app, call, form)) return oauthError(401, "invalid_client", "Unknown client");
  switch (form.get("grant_type")) {
    case "authorization_code":
      return answerTokens(
        call,
        tokens.trade(form.get("code") ?? "", form.get("redirect_uri") ?? ""),
      );
    case "refresh_token":
      return answerTokens(call, tokens.renew(form.get("refresh_token") ?? ""));
    case null:
      return oauthError(400, "invalid_request", "grant_type is missing");
    default:
      return oauthError(400, "unsupported_grant_type", "Use authorization_code or refresh_token");
  }
}

function revoke(app: App, tokens: Tokens, call: Call): Reply {
  const isJson = (call.headers["content-type"] ?? "").startsWith("application/json");
  const form = new URLSearchParams(
    isJson ? (parseJson(call.body) as Record<string, string>) : call.body,
  );
  if (!isClient(app, call, form)) return oauthError(401, "invalid_client", "Unknown client");
  return tokens.revoke(form.get("token") ?? "")
    ? jsonReply(200, {})
    : oauthError(400, "invalid_request", "The token is unknown");
}

/** The OAuth 2.0 endpoints, under the paths they have at Intuit. Undefined: the call is for another. */
export function answerOAuth(
  app: App,
  tokens: Tokens,
  realmIds: readonly string[],
  call: Call,
): Reply | undefined {
  switch (`${call.method} ${call.path}`) {
    case "GET /connect/oauth2":
    case "POST /connect/oauth2": {
      const isForm = call.method === "POST";
      const query = isForm ? new URLSearchParams(call.body) : call.query;
      const reason = whyNotAuthorized(app, query);
      if (reason !== undefined) return htmlReply(400, escapeHtml(reason));
      return isForm
        ? decide(tokens, query, realmIds)
        : htmlReply(200, consentPage(query, realmIds));
    }
    case "POST /oauth2/v1/tokens/bearer":
      return token(app, tokens, call);
    case "POST /v2/oauth2/tokens/revoke":
      return revoke(app, tokens, call);
    default:
      return undefined;
  }
}
