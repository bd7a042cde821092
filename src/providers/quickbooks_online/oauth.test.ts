import { expect, test } from "vitest";
import { instant } from "../../domain/time.ts";
import { isStale, quickBooksOAuth, withTokens } from "./oauth.ts";

const NOW = instant("2026-03-01T12:00:00Z");
const APP = { client_id: "app", client_secret: "secret", webhook_verifier_token: "verifier" };

test.each<[string, object, object, object]>([
  [
    "all ends that an answer tells",
    {},
    {
      access_token: "a1",
      expires_in: 3600,
      refresh_token: "r1",
      x_refresh_token_expires_in: 8_640_000,
      x_refresh_token_hard_expires_in: 157_680_000,
    },
    {
      access_token: "a1",
      access_expires_at: "2026-03-01T13:00:00Z",
      refresh_token: "r1",
      // 100 days on.
      refresh_expires_at: "2026-06-09T12:00:00Z",
      // 1825 days on.
      refresh_hard_expires_at: "2031-02-28T12:00:00Z",
    },
  ],
  [
    "an end that is not told again stays, and so does a token",
    {
      access_token: "a1",
      refresh_token: "r1",
      refresh_hard_expires_at: "2031-02-28T12:00:00Z",
    },
    { access_token: "a2", expires_in: 3600 },
    {
      access_token: "a2",
      access_expires_at: "2026-03-01T13:00:00Z",
      refresh_token: "r1",
      refresh_hard_expires_at: "2031-02-28T12:00:00Z",
    },
  ],
  ["seconds as text", {}, { expires_in: "60" }, { access_expires_at: "2026-03-01T12:01:00Z" }],
  ["what is no number of seconds tells nothing", {}, { expires_in: "soon" }, {}],
  ["nor does one below zero", {}, { expires_in: -1 }, {}],
])("an answer with tokens: %s", (_name, before, answer, expected) => {
  const given = { ...APP, ...before };
  expect(withTokens(given, { ...answer }, NOW)).toEqual({ ...APP, ...expected });
});

test.each<[string, object, boolean]>([
  ["no token", {}, true],
  ["an empty one", { access_token: "" }, true],
  ["one that does not say when it ends", { access_token: "a" }, false],
  ["an hour to go", { access_token: "a", access_expires_at: "2026-03-01T13:00:00Z" }, false],
  // Five minutes ahead it is renewed, so that no call begins with a token that ends on the way.
  ["five minutes to go", { access_token: "a", access_expires_at: "2026-03-01T12:05:00Z" }, false],
  ["less", { access_token: "a", access_expires_at: "2026-03-01T12:04:59Z" }, true],
  ["ended", { access_token: "a", access_expires_at: "2026-03-01T11:00:00Z" }, true],
  ["an end that is no instant is none", { access_token: "a", access_expires_at: "soon" }, false],
])("whether a token is stale: %s", (_name, credential, expected) => {
  expect(isStale({ ...credential }, NOW)).toBe(expected);
});

const oauth = quickBooksOAuth({ api: undefined, oauth: undefined });

test("its ends are those of the consent, and without its tokens only the app is left", () => {
  const credential = {
    ...APP,
    access_token: "a",
    access_expires_at: "2026-03-01T13:00:00Z",
    refresh_token: "r",
    refresh_expires_at: "2026-06-09T12:00:00Z",
    refresh_hard_expires_at: "never",
  };
  expect(oauth.consentEnds(credential)).toEqual({
    idleAt: instant("2026-06-09T12:00:00Z"),
    hardAt: undefined,
  });
  expect(oauth.consentEnds(APP)).toBeUndefined();
  expect(oauth.withoutTokens(credential)).toEqual(APP);
  expect(oauth.tokenOf(credential)).toBe("a");
});

test("consent is asked for at Intuit, with the state and for the books alone", () => {
  const connection = {
    id: "connection",
    environment: "SANDBOX",
    builtIn: false,
    credential: APP,
    settings: {},
  } as const;
  const redirectUri = "https://bill.example/oauth/quickbooks/callback";
  const url = new URL(oauth.authorizeUrl(connection, { state: "s1", redirectUri }));
  expect(`${url.origin}${url.pathname}`).toBe("https://appcenter.intuit.com/connect/oauth2");
  expect(Object.fromEntries(url.searchParams)).toEqual({
    client_id: "app",
    redirect_uri: redirectUri,
    response_type: "code",
    scope: "com.intuit.quickbooks.accounting",
    state: "s1",
  });
});
