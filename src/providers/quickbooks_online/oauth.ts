import * as openid from "openid-client";
import { type Instant, instant, instantText, isBefore, Temporal } from "../../domain/time.ts";
import type { Authorization, ConsentEnds, OAuthAccess } from "../oauth.ts";
import type { Credential, ProviderConnection } from "../provider-connection.ts";
import { ACCESS_CODES, ProviderReadError } from "../read-error.ts";
import type { QuickBooksHosts } from "./client.ts";

/** Intuit docs, "Set up OAuth 2.0": the same for development and production keys. */
const INTUIT = {
  authorize: "https://appcenter.intuit.com",
  token: "https://oauth.platform.intuit.com",
  revoke: "https://developer.api.intuit.com",
  issuer: "https://oauth.platform.intuit.com/op/v1",
};
const SCOPE = "com.intuit.quickbooks.accounting";
/** Asks for the end that every consent has after five years (Intuit blog, November 2025). */
const HARD_EXPIRY = "x-include-refresh-token-hard-expires-in";
const TIMEOUT_SECONDS = 30;
/** An access token that ends so soon is not begun with. */
const EARLY_SECONDS = 300;
const REALM = /^\d{1,30}$/;
const TOKENS = [
  "access_token",
  "access_expires_at",
  "refresh_token",
  "refresh_expires_at",
  "refresh_hard_expires_at",
] as const;

/** Intuit's metadata, with QBO_OAUTH_BASE in the place of its hosts. */
const serverOf = ({ oauth: base }: QuickBooksHosts): openid.ServerMetadata => ({
  issuer: INTUIT.issuer,
  authorization_endpoint: `${base ?? INTUIT.authorize}/connect/oauth2`,
  token_endpoint: `${base ?? INTUIT.token}/oauth2/v1/tokens/bearer`,
  revocation_endpoint: `${base ?? INTUIT.revoke}/v2/oauth2/tokens/revoke`,
});

const fetchTokens: openid.CustomFetch = (url, options) =>
  fetch(url, { ...options, headers: { ...options.headers, [HARD_EXPIRY]: "true" } } as RequestInit);

function configure(
  hosts: QuickBooksHosts,
  { credential }: Pick<ProviderConnection, "credential">,
): openid.Configuration {
  const { client_id: id, client_secret: secret } = credential;
  const config = new openid.Configuration(
    serverOf(hosts),
    String(id),
    {},
    openid.ClientSecretBasic(String(secret)),
  );
  config[openid.customFetch] = fetchTokens;
  config.timeout = TIMEOUT_SECONDS;
  if (hosts.oauth?.startsWith("http:")) openid.allowInsecureRequests(config);
  return config;
}

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

const instantOf = (value: unknown): Instant | undefined => {
  try {
    return typeof value === "string" ? instant(value) : undefined;
  } catch {
    return undefined;
  }
};

/** So many seconds from now, as text; undefined where no number of seconds was told. */
function endOf(now: Instant, seconds: unknown): string | undefined {
  const whole = Math.floor(Number(seconds));
  if (seconds === undefined || !Number.isSafeInteger(whole) || whole < 0) return undefined;
  return instantText(now.add({ seconds: whole }));
}

/** The credential with the tokens of an answer; an end that was not told again stays. Pure. */
export function withTokens(
  credential: Credential,
  answer: Readonly<Record<string, unknown>>,
  now: Instant,
): Credential {
  const given = {
    access_token: answer.access_token,
    access_expires_at: endOf(now, answer.expires_in),
    refresh_token: answer.refresh_token,
    refresh_expires_at: endOf(now, answer.x_refresh_token_expires_in),
    refresh_hard_expires_at: endOf(now, answer.x_refresh_token_hard_expires_in),
  };
  const told = Object.entries(given).filter(([, value]) => value !== undefined);
  return { ...credential, ...Object.fromEntries(told) };
}

/** What went wrong at the token endpoint; `invalid_grant` alone asks for a person. */
function toTokenError(error: unknown): ProviderReadError {
  if (error instanceof ProviderReadError) return error;
  if (error instanceof openid.ResponseBodyError) {
    const { error: code, status } = error;
    if (code === "invalid_grant") {
      return new ProviderReadError(
        "Intuit does not accept the consent any more: it has ended, or was taken back.",
        { code: ACCESS_CODES.refused, permanent: true },
      );
    }
    if (code === "invalid_client") {
      return new ProviderReadError(
        "Intuit does not know the app: check credential.client_id and credential.client_secret.",
        { code: ACCESS_CODES.unknownApp, permanent: true },
      );
    }
    const isPassing = status === 429 || status >= 500;
    return new ProviderReadError(`Intuit refused to give tokens (${status}, ${code}).`, {
      code: "token_refused",
      permanent: !isPassing,
      throttled: status === 429,
      ...(status === 429 ? { afterSeconds: 60 } : {}),
    });
  }
  // Causes may hold an answer, and with it tokens: the name of the trouble is enough.
  const reason = error instanceof Error ? error.name : "unknown";
  return new ProviderReadError(`Intuit's token service does not answer as it should (${reason}).`, {
    code: "provider_unavailable",
    permanent: false,
  });
}

const noConsent = (): ProviderReadError =>
  new ProviderReadError("Nobody has consented yet.", {
    code: ACCESS_CODES.refused,
    permanent: true,
  });

async function exchange(
  hosts: QuickBooksHosts,
  connection: ProviderConnection,
  { redirectUri, state, query }: Parameters<OAuthAccess["exchange"]>[1],
): Promise<Authorization> {
  const realmId = query.get("realmId") ?? "";
  if (!REALM.test(realmId)) {
    throw new ProviderReadError("Intuit did not say which company was chosen (realmId).", {
      code: "no_company",
      permanent: true,
    });
  }
  const back = new URL(redirectUri);
  back.search = query.toString();
  try {
    const answer = await openid.authorizationCodeGrant(configure(hosts, connection), back, {
      expectedState: state,
    });
    const credential = withTokens(connection.credential, answer, Temporal.Now.instant());
    return { credential, settings: { realm_id: realmId } };
  } catch (error) {
    throw toTokenError(error);
  }
}

async function refresh(
  hosts: QuickBooksHosts,
  connection: ProviderConnection,
): Promise<Credential> {
  const { credential } = connection;
  const token = textOf(credential.refresh_token);
  if (token === undefined) throw noConsent();
  try {
    const answer = await openid.refreshTokenGrant(configure(hosts, connection), token);
    return withTokens(credential, answer, Temporal.Now.instant());
  } catch (error) {
    throw toTokenError(error);
  }
}

async function revoke(hosts: QuickBooksHosts, connection: ProviderConnection): Promise<void> {
  const token = textOf(connection.credential.refresh_token);
  if (token === undefined) return;
  try {
    await openid.tokenRevocation(configure(hosts, connection), token);
  } catch (error) {
    throw toTokenError(error);
  }
}

function consentEnds(credential: Credential): ConsentEnds | undefined {
  if (textOf(credential.refresh_token) === undefined) return undefined;
  return {
    idleAt: instantOf(credential.refresh_expires_at),
    hardAt: instantOf(credential.refresh_hard_expires_at),
  };
}

const withoutTokens = (credential: Credential): Credential =>
  Object.fromEntries(
    Object.entries(credential).filter(([name]) => !(TOKENS as readonly string[]).includes(name)),
  );

/** Whether an access token is missing, has ended or is about to. Pure. */
export function isStale(credential: Credential, now: Instant): boolean {
  const endsAt = instantOf(credential.access_expires_at);
  if (textOf(credential.access_token) === undefined) return true;
  return endsAt !== undefined && isBefore(endsAt, now.add({ seconds: EARLY_SECONDS }));
}

/** Intuit's OAuth 2.0: authorization code without PKCE, client authentication by HTTP Basic. */
export const quickBooksOAuth = (hosts: QuickBooksHosts): OAuthAccess => ({
  accountSetting: "realm_id",
  boundSettings: ["realm_id", "environment"],
  authorizeUrl: (connection, { state, redirectUri }) =>
    openid.buildAuthorizationUrl(configure(hosts, connection), {
      redirect_uri: redirectUri,
      scope: SCOPE,
      state,
    }).href,
  exchange: (connection, answer) => exchange(hosts, connection, answer),
  tokenOf: ({ access_token: token }) => textOf(token),
  isStale,
  refresh: (connection) => refresh(hosts, connection),
  consentEnds,
  withoutTokens,
  isSameApp: (a, b) => a.client_id === b.client_id,
  revoke: (connection) => revoke(hosts, connection),
});
