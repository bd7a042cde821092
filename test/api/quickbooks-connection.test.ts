import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { createVault } from "../../src/platform/secrets/encryption.ts";
import type { SeedIds } from "../quickbooks/books/seed.ts";
import { openQuickBooks, type QuickBooks } from "../quickbooks/open-quickbooks.ts";
import { createTestDatabase } from "../support/database.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { startWebhookLog } from "../support/webhook-log.ts";

const credentialsKey = randomBytes(32);
const START = Date.UTC(2026, 0, 1);

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let quickBooks: QuickBooks;
let server: TestServer;
/** A second process over the same database. */
let other: TestServer;
let now = START;

beforeAll(async () => {
  quickBooks = await openQuickBooks({ limits: false });
  database = await createTestDatabase();
  const config = {
    databaseUrl: database.url,
    credentialsKey,
    qboApiBase: quickBooks.apiBase,
    qboOauthBase: quickBooks.oauthBase,
  };
  // The last to start decides which tokens are good, at both.
  other = await startTestServer({ ...config, role: "api", collectPort: undefined });
  server = await startTestServer(config);
  quickBooks.app.redirectUris.push(`${server.url}/oauth/quickbooks/callback`);
  await settle();
}, 60_000);
afterAll(async () => {
  await other?.close();
  await server?.close();
  await quickBooks?.close();
  await database?.drop();
});
beforeEach(async () => {
  quickBooks.mend();
  const { body } = await server.send("GET", "/v1/connections");
  for (const { id, provider } of body.data)
    if (provider === "quickbooks_online") await server.send("DELETE", `/v1/connections/${id}`);
  await settle();
  quickBooks.oauthRequests.length = 0;
});

/** Does what is due; so many hours later when some are given. */
async function settle(hours = 0): Promise<void> {
  now += hours * 3_600_000;
  await server.setClock(new Date(now).toISOString());
}

async function create(more: object = {}, settings: object = {}): Promise<string> {
  const { clientId, clientSecret } = quickBooks.app;
  const { status, body } = await server.send("POST", "/v1/connections", {
    provider: "quickbooks_online",
    credential: { client_id: clientId, client_secret: clientSecret, ...more },
    settings: { requests_per_second: 100, ...settings },
  });
  expect([status, body.data?.status]).toEqual([200, "authorization_required"]);
  return body.data.id;
}

async function authorizeUrl(id: string): Promise<string> {
  const { status, body } = await server.send("POST", `/v1/connections/${id}/authorize`);
  expect(status).toBe(200);
  return body.data.authorize_url;
}

async function open(location: string): Promise<{ status: number; text: string }> {
  const response = await fetch(location);
  expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
  return { status: response.status, text: await response.text() };
}

/** A connection whose company let us in. */
async function connect(more: object = {}, settings: object = {}): Promise<string> {
  const id = await create(more, settings);
  const page = await open(await quickBooks.consent(await authorizeUrl(id)));
  expect(page.status).toBe(200);
  return id;
}

const show = async (id: string) => (await server.send("GET", `/v1/connections/${id}`)).body.data;
const testOf = async (id: string) =>
  (await server.send("POST", `/v1/connections/${id}/test`)).body.data;

/** The test of a connection, asked of the second process. */
async function testAtOther(id: string) {
  const response = await fetch(`${other.url}/v1/connections/${id}/test`, {
    method: "POST",
    headers: { authorization: `Bearer ${server.sandboxToken}` },
  });
  return ((await response.json()) as { data: { account: { id: string } | null } }).data;
}

async function credentialOf(id: string): Promise<Record<string, string>> {
  const row = await server.db
    .selectFrom("connections")
    .select("credential")
    .where("id", "=", id)
    .executeTakeFirstOrThrow();
  return JSON.parse(createVault(credentialsKey).decrypt(row.credential));
}

/** A call of the connections of PRODUCTION, whose clock nobody moves. */
const inProduction = (method: string, path: string, json?: object) =>
  fetch(`${server.url}/v1/connections${path}`, {
    method,
    headers: {
      authorization: `Bearer ${server.productionToken}`,
      ...(json === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  });

async function createInProduction(
  { access_token, refresh_token }: { access_token: string; refresh_token: string },
  realmId: string,
): Promise<string> {
  const { clientId, clientSecret } = quickBooks.app;
  const response = await inProduction("POST", "", {
    provider: "quickbooks_online",
    credential: {
      client_id: clientId,
      client_secret: clientSecret,
      access_token,
      refresh_token,
    },
    settings: { realm_id: realmId },
  });
  expect(response.status).toBe(200);
  return ((await response.json()) as { data: { id: string } }).data.id;
}

/** Whether a refresh token still lets in; one that does is renewed by the question. */
async function isAlive(token: string): Promise<boolean> {
  const { clientId, clientSecret } = quickBooks.app;
  const response = await fetch(`${quickBooks.oauthBase}/oauth2/v1/tokens/bearer`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${clientId}:${clientSecret}`)}` },
    body: new URLSearchParams({ grant_type: "refresh_token", refresh_token: token }),
  });
  return response.status === 200;
}

/** The tokens whose consent was ended at Intuit, once that is done. */
async function revokedTokens(): Promise<string[]> {
  await settle();
  return quickBooks.oauthRequests
    .filter(({ path, status }) => path.endsWith("/revoke") && status === 200)
    .map(({ body }) => new URLSearchParams(body).get("token") ?? "");
}

const refreshes = () =>
  quickBooks.oauthRequests.filter(({ body }) => body.includes("grant_type=refresh_token"));

const readiness = async (): Promise<string[]> => {
  const response = await fetch(`${server.url}/health/ready`);
  return ((await response.json()) as { degraded: string[] }).degraded;
};

describe("consent", () => {
  test("lets us in: tokens are sealed, the company is known, both ends are shown", async () => {
    const id = await create();
    const url = new URL(await authorizeUrl(id));
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: quickBooks.app.clientId,
      redirect_uri: `${server.url}/oauth/quickbooks/callback`,
      response_type: "code",
      scope: "com.intuit.quickbooks.accounting",
      state: expect.stringMatching(/^[\w-]{43}$/),
    });
    const page = await open(await quickBooks.consent(url.href));
    expect(page.status).toBe(200);
    expect(page.text).toContain(quickBooks.realmId);
    const shown = await show(id);
    expect(shown).toMatchObject({
      status: "connected",
      account_id: quickBooks.realmId,
      settings: { realm_id: quickBooks.realmId },
      consent: { warning: null },
    });
    const days = (text: string) => Math.round((Date.parse(text) - Date.now()) / 86_400_000);
    expect([days(shown.consent.idle_until), days(shown.consent.ends_at)]).toEqual([100, 1826]);
    const { access_token: access = "", refresh_token: refresh = "" } = await credentialOf(id);
    expect(refresh).toMatch(/^RT1-/);
    const everything = await server.send("GET", "/v1/connections");
    expect(JSON.stringify([everything.body, shown, page.text])).not.toMatch(
      new RegExp(`${refresh}|${access.slice(0, 30)}|${quickBooks.app.clientSecret}`),
    );
    const form = quickBooks.oauthRequests.find(({ body }) => body.includes("authorization_code"));
    expect(form?.body).not.toMatch(/client_secret|code_verifier/);
  });

  test("that is denied changes nothing, and says what to do", async () => {
    const id = await create();
    const page = await open(await quickBooks.consent(await authorizeUrl(id), { deny: true }));
    expect(page.status).toBe(400);
    expect(page.text).toContain("was not granted");
    expect(await show(id)).toMatchObject({ status: "authorization_required", consent: null });
  });

  test("is good once, for ten minutes, and only with a state of ours", async () => {
    const id = await create();
    const back = await quickBooks.consent(await authorizeUrl(id));
    expect((await open(back)).status).toBe(200);
    const before = await credentialOf(id);
    const replayed = await open(back);
    expect([replayed.status, replayed.text.includes("used already")]).toEqual([400, true]);
    const late = await quickBooks.consent(await authorizeUrl(id));
    await sql`update authorization_states set expires_at = clock_timestamp() - interval '1 second'
      where used_at is null`.execute(server.db);
    expect((await open(late)).text).toContain("has ended");
    for (const query of ["", "?code=x", "?state=%3Cscript%3E&code=x&realmId=1", "?error=a"]) {
      const page = await open(`${server.url}/oauth/quickbooks/callback${query}`);
      expect([page.status, page.text.includes("<script>")]).toEqual([400, false]);
    }
    expect(await credentialOf(id)).toEqual(before);
  });

  test("to another company is refused, and the first one stays connected", async () => {
    const id = await connect();
    const before = await credentialOf(id);
    const { realmId } = quickBooks.addCompany();
    const page = await open(await quickBooks.consent(await authorizeUrl(id), { realmId }));
    expect(page.status).toBe(409);
    expect(page.text).toContain(realmId);
    expect(page.text).toContain(quickBooks.realmId);
    expect(await credentialOf(id)).toEqual(before);
    expect(await show(id)).toMatchObject({
      status: "connected",
      settings: { realm_id: quickBooks.realmId },
    });
  });

  test("to another company is ended at Intuit, and that of the connected one lives on", async () => {
    const id = await connect();
    await settle();
    const { realmId } = quickBooks.addCompany();
    const page = await open(await quickBooks.consent(await authorizeUrl(id), { realmId }));
    expect(page.status).toBe(409);
    const [foreign = "", ...more] = await revokedTokens();
    expect([foreign.slice(0, 4), more]).toEqual(["RT1-", []]);
    expect(foreign).not.toBe((await credentialOf(id)).refresh_token);
    expect(await isAlive(foreign)).toBe(false);
    quickBooks.advance(7200);
    expect((await testOf(id)).account?.id).toBe(quickBooks.realmId);
  });

  test("to a company that another connection has is refused, and left to that one", async () => {
    const [one, two] = [await connect(), await create()];
    const { realmId } = quickBooks.addCompany();
    await open(await quickBooks.consent(await authorizeUrl(two), { realmId }));
    await settle();
    const page = await open(await quickBooks.consent(await authorizeUrl(one), { realmId }));
    expect(page.status).toBe(409);
    // Intuit does not say whether it ends one consent or all that the app has for the company.
    expect(await revokedTokens()).toEqual([]);
    quickBooks.advance(7200);
    expect((await testOf(two)).account?.id).toBe(realmId);
    // Not even while the only one is in the other environment.
    const there = await createInProduction(quickBooks.issueTokens(realmId), realmId);
    await server.send("DELETE", `/v1/connections/${two}`);
    expect(await revokedTokens()).toEqual([]);
    // With the last connection to it the consent ends.
    const revoked = await inProduction("POST", `/${there}/revoke`);
    expect(revoked.status).toBe(200);
    await vi.waitFor(async () => expect(await revokedTokens()).toHaveLength(1), 10_000);
    await inProduction("DELETE", `/${there}`);
  });

  test.each<[string, (id: string) => Promise<unknown>, number, string]>([
    [
      "is deleted",
      (id) => server.send("DELETE", `/v1/connections/${id}`),
      400,
      "its connection is gone",
    ],
    [
      "gets another app",
      (id) =>
        server.send("PATCH", `/v1/connections/${id}`, {
          credential: { client_id: "another", client_secret: "secret" },
        }),
      409,
      "app was replaced",
    ],
  ])(
    "to a connection that %s meanwhile is ended at Intuit",
    async (_what, meanwhile, status, text) => {
      const id = await create();
      const back = await quickBooks.consent(await authorizeUrl(id));
      quickBooks.before = async ({ path }) => {
        quickBooks.before = undefined;
        if (path.endsWith("/tokens/bearer")) await meanwhile(id);
      };
      const page = await open(back);
      expect([page.status, page.text]).toEqual([status, expect.stringContaining(text)]);
      const [token = "", ...more] = await revokedTokens();
      expect([token.slice(0, 4), await isAlive(token), more]).toEqual(["RT1-", false, []]);
    },
  );

  test("that is refused is told as such while Intuit's revocation is in trouble, and ended later", async () => {
    const id = await connect();
    const { realmId } = quickBooks.addCompany();
    quickBooks.trouble("/tokens/revoke", "broken before", 2);
    const page = await open(await quickBooks.consent(await authorizeUrl(id), { realmId }));
    expect(page.status).toBe(409);
    expect(await revokedTokens()).toEqual([]);
    await settle(3);
    const [token = ""] = await revokedTokens();
    expect([token.slice(0, 4), await isAlive(token)]).toEqual(["RT1-", false]);
    const everything = await server.send("GET", "/v1/connections");
    expect(JSON.stringify([everything.body, page.text])).not.toContain(token);
  });

  test("of an app that is replaced by another is ended at Intuit, as the app that it was given to", async () => {
    const id = await connect();
    const { refresh_token: token = "" } = await credentialOf(id);
    const reply = await server.send("PATCH", `/v1/connections/${id}`, {
      credential: { client_id: "another", client_secret: "secret" },
    });
    expect(reply.body.data).toMatchObject({ status: "authorization_required", consent: null });
    expect(await revokedTokens()).toEqual([token]);
    expect(await isAlive(token)).toBe(false);
  });

  test("stays where only the app's secret is another", async () => {
    const id = await connect();
    const { refresh_token: token } = await credentialOf(id);
    const { status } = await server.send("PATCH", `/v1/connections/${id}`, {
      credential: { client_secret: quickBooks.app.clientSecret },
    });
    expect(status).toBe(200);
    expect(await revokedTokens()).toEqual([]);
    expect((await credentialOf(id)).refresh_token).toBe(token);
    expect((await testOf(id)).account?.id).toBe(quickBooks.realmId);
  });

  test("is to a company of one environment of Intuit for good", async () => {
    const id = await create({}, { environment: "production" });
    const setEnvironment = (environment: string | null) =>
      server.send("PATCH", `/v1/connections/${id}`, { settings: { environment } });
    // Nobody has connected it yet: what was mistaken can be set right.
    expect((await setEnvironment(null)).status).toBe(200);
    expect((await open(await quickBooks.consent(await authorizeUrl(id)))).status).toBe(200);
    await settle();
    const refused = await setEnvironment("production");
    expect([refused.status, refused.body.message]).toEqual([
      409,
      expect.stringMatching(/settings\.environment stays sandbox.*Create a connection/),
    ]);
    // The same one, said in another way, is no change.
    for (const environment of ["sandbox", null]) {
      expect((await setEnvironment(environment)).status).toBe(200);
    }
    // Together with another app it is the same company's still, and as little a change of environment.
    const both = await server.send("PATCH", `/v1/connections/${id}`, {
      credential: { client_id: "another", client_secret: "secret" },
      settings: { environment: "production" },
    });
    expect(both.status).toBe(409);
    expect(await credentialOf(id)).toMatchObject({ client_id: quickBooks.app.clientId });
    expect((await server.send("POST", `/v1/connections/${id}/revoke`)).status).toBe(200);
    expect((await setEnvironment("production")).status).toBe(409);
    expect(await show(id)).toMatchObject({
      status: "authorization_required",
      settings: { environment: "sandbox", realm_id: quickBooks.realmId },
    });
  });

  test("is to one company for good: no change of settings leads to another", async () => {
    const id = await create({}, { realm_id: "1" });
    const setRealm = (realm_id: string | null) =>
      server.send("PATCH", `/v1/connections/${id}`, { settings: { realm_id } });
    // Nobody has connected it yet: what was mistyped can be set right.
    expect((await setRealm(null)).status).toBe(200);
    expect((await open(await quickBooks.consent(await authorizeUrl(id)))).status).toBe(200);
    await settle();
    const other = quickBooks.addCompany().realmId;
    for (const realm of [other, null]) {
      const { status, body } = await setRealm(realm);
      expect([status, body.message]).toEqual([409, expect.stringContaining("settings.realm_id")]);
    }
    expect((await setRealm(quickBooks.realmId)).status).toBe(200);
    // Not even once the consent was taken back: what was delivered is in that company.
    expect((await server.send("POST", `/v1/connections/${id}/revoke`)).status).toBe(200);
    expect((await setRealm(null)).status).toBe(409);
    const page = await open(await quickBooks.consent(await authorizeUrl(id), { realmId: other }));
    expect(page.text).toContain(other);
    expect(await show(id)).toMatchObject({
      status: "authorization_required",
      settings: { realm_id: quickBooks.realmId },
    });
  });

  test("sets the currencies as the company has them, over what was guessed before", async () => {
    const { realmId } = quickBooks.addCompany({
      country: "GB",
      homeCurrency: "GBP",
      multiCurrency: true,
    });
    const id = await create({}, { home_currency: "EUR", doc_number_prefix: "UK-" });
    const page = await open(await quickBooks.consent(await authorizeUrl(id), { realmId }));
    expect(page.status).toBe(200);
    expect((await show(id)).settings).toMatchObject({
      realm_id: realmId,
      home_currency: "GBP",
      multicurrency: true,
      doc_number_prefix: "UK-",
    });
  });

  test("counts when the company's preferences cannot be read, and leaves its settings", async () => {
    const id = await create({}, { multicurrency: true });
    const url = await authorizeUrl(id);
    quickBooks.trouble("/preferences", "broken before");
    const page = await open(await quickBooks.consent(url));
    expect(page.status).toBe(200);
    expect(await show(id)).toMatchObject({
      status: "connected",
      settings: { realm_id: quickBooks.realmId, multicurrency: true },
    });
  });

  test("with a code that Intuit does not take is refused, and leaves the connection as it was", async () => {
    const id = await create();
    const back = new URL(await quickBooks.consent(await authorizeUrl(id)));
    back.searchParams.set("code", "<b>another</b>");
    const page = await open(back.href);
    expect([page.status, page.text.includes("<b>")]).toEqual([502, false]);
    expect(await show(id)).toMatchObject({ status: "authorization_required" });
  });

  test("is taken back here and at Intuit, by revoking or deleting", async () => {
    const id = await connect();
    const { refresh_token: first } = await credentialOf(id);
    const revoked = await server.send("POST", `/v1/connections/${id}/revoke`);
    expect(revoked.body.data).toMatchObject({ status: "authorization_required", consent: null });
    expect(await credentialOf(id)).not.toHaveProperty("refresh_token");
    expect((await server.send("POST", `/v1/connections/${id}/revoke`)).status).toBe(409);
    // Intuit has heard of it before somebody consents anew.
    await settle();
    await open(await quickBooks.consent(await authorizeUrl(id)));
    const { refresh_token: second } = await credentialOf(id);
    await server.send("DELETE", `/v1/connections/${id}`);
    await settle();
    const revocations = quickBooks.oauthRequests.filter(({ path }) => path.endsWith("/revoke"));
    expect(
      revocations.map(({ body, status }) => [new URLSearchParams(body).get("token"), status]),
    ).toEqual([
      [first, 200],
      [second, 200],
    ]);
  });

  test("cannot be asked for where a key lets us in", async () => {
    const { body } = await server.send("GET", "/v1/connections");
    const builtIn = body.data.find((each: { built_in: boolean }) => each.built_in);
    const { status } = await server.send("POST", `/v1/connections/${builtIn.id}/authorize`);
    expect(status).toBe(400);
  });
});

describe("tokens", () => {
  test("that have ended are renewed once, whoever asks: two processes, six calls at once", async () => {
    const id = await connect();
    await settle();
    quickBooks.advance(7200);
    quickBooks.oauthRequests.length = 0;
    const tests = await Promise.all([
      ...Array.from({ length: 3 }, () => testOf(id)),
      ...Array.from({ length: 3 }, () => testAtOther(id)),
    ]);
    for (const { account } of tests) expect(account?.id).toBe(quickBooks.realmId);
    expect(refreshes()).toHaveLength(1);
    // A day later the old token is gone: what was stored must be the living one.
    quickBooks.advance(2 * 86_400);
    expect((await testOf(id)).account?.id).toBe(quickBooks.realmId);
    expect(await show(id)).toMatchObject({ status: "connected" });
  });

  test("of a consent that was taken back ask for a new one, and work again after it", async () => {
    const id = await connect();
    await settle();
    const log = await startWebhookLog(server, "integration.issue");
    quickBooks.revokeConsent();
    const refused = await testOf(id);
    expect(refused).toMatchObject({ ok: false, account: null });
    expect(refused.problems[0]).toMatchObject({
      code: "auth_failed",
      remedy: expect.stringContaining("/authorize"),
    });
    expect(await show(id)).toMatchObject({
      status: "reauth_required",
      status_reason: expect.stringContaining("/authorize"),
    });
    expect((await readiness()).join()).toContain("quickbooks_online");
    // Whoever asks once more is told the same; receivers of webhooks have heard of it.
    await testOf(id);
    await settle();
    expect(log.messages().map(({ properties }) => properties)).toEqual([
      {
        integration: "QUICKBOOKS_ONLINE",
        error: expect.stringContaining(`Connect it anew`),
        error_code: "auth_failed",
        timestamp: expect.any(String),
        connection_id: id,
        connection_name: expect.any(String),
      },
    ]);
    await log.close();
    expect((await open(await quickBooks.consent(await authorizeUrl(id)))).status).toBe(200);
    expect(await show(id)).toMatchObject({ status: "connected", status_reason: null });
    expect((await testOf(id)).account?.id).toBe(quickBooks.realmId);
  });

  test("stay when Intuit's token service is in trouble", async () => {
    const id = await connect();
    await settle();
    const before = await credentialOf(id);
    quickBooks.advance(7200);
    quickBooks.trouble(/tokens\/bearer/, "broken before", 1);
    expect((await testOf(id)).account).toBeNull();
    expect(await show(id)).toMatchObject({ status: "connected" });
    expect(await credentialOf(id)).toEqual(before);
    expect((await testOf(id)).account?.id).toBe(quickBooks.realmId);
  });

  test("wait while Intuit does not know the app, and are good with its new secret", async () => {
    const id = await connect({ webhook_verifier_token: quickBooks.app.verifierToken });
    await settle();
    const { clientSecret } = quickBooks.app;
    const before = await credentialOf(id);
    const log = await startWebhookLog(server, "integration.issue");
    Object.assign(quickBooks.app, { clientSecret: "changed-at-intuit" });
    try {
      quickBooks.advance(7200);
      expect((await testOf(id)).problems[0]).toMatchObject({
        code: "invalid_client",
        remedy: expect.stringContaining("credential.client_secret"),
      });
      await settle(2);
      await settle(2);
      expect(await show(id)).toMatchObject({
        status: "failed",
        status_reason: expect.stringContaining("client_secret"),
      });
      expect((await readiness()).join()).toContain("client_secret");
      expect(log.messages().map(({ properties }) => properties)).toMatchObject([
        { error_code: "invalid_client", connection_id: id },
      ]);
      await server.send("PATCH", `/v1/connections/${id}`, {
        credential: { client_secret: "changed-at-intuit" },
      });
      await settle();
      expect(await show(id)).toMatchObject({ status: "connected", status_reason: null });
      // Nobody had to consent anew: what the person gave is what was renewed.
      expect((await credentialOf(id)).refresh_token).not.toBe(before.refresh_token);
      expect((await testOf(id)).account?.id).toBe(quickBooks.realmId);
    } finally {
      Object.assign(quickBooks.app, { clientSecret });
      await log.close();
    }
  });

  test("are renewed each day, and their end is warned of", async () => {
    const id = await connect();
    await settle();
    const before = await credentialOf(id);
    await sql`update connections set renewed_at = renewed_at - interval '25 hours',
      consent_hard_at = clock_timestamp() + interval '20 days' where id = ${id}`.execute(server.db);
    expect((await show(id)).consent.warning).toBe("ends_within_30_days");
    expect((await readiness()).join()).toMatch(
      /consent to the quickbooks_online connection .* ends on/,
    );
    expect((await testOf(id)).problems).toContainEqual(
      expect.objectContaining({ code: "consent_ends_within_30_days" }),
    );
    const log = await startWebhookLog(server, "integration.issue");
    const told = () => log.messages().map(({ properties }) => properties.error_code);
    await settle(2);
    // The day's renewal has moved the end away again.
    expect(told()).toEqual(["consent_ends_within_30_days"]);
    await settle(2);
    const endsIn = (interval: string) =>
      sql`update connections set consent_hard_at = date_trunc('day', clock_timestamp()) + ${interval}::interval
        where id = ${id}`.execute(server.db);
    // A renewal counts the seconds to the end anew, so that it comes out a little earlier or later.
    for (const interval of ["5 days", "5 days 1 second", "5 days -1 second", "-1 day"]) {
      await endsIn(interval);
      await settle(2);
    }
    expect(told()).toEqual([
      "consent_ends_within_30_days",
      "consent_ends_within_7_days",
      "consent_ended",
    ]);
    await endsIn("1000 days");
    await log.close();
    expect((await credentialOf(id)).refresh_token).not.toBe(before.refresh_token);
    expect((await show(id)).consent.warning).toBeNull();
    expect((await readiness()).join()).not.toContain("ends on");
  });
});

describe("what happens in the company", () => {
  const webhookUrl = async (): Promise<string> => {
    const { body } = await server.send("GET", "/v1/environment");
    return `${server.url}/quickbooks/${body.data.client_id}/SANDBOX`;
  };
  const eventsOf = async (id: string) =>
    (
      await server.db
        .selectFrom("provider_events")
        .select("type")
        .where("connection_id", "=", id)
        .orderBy("type")
        .execute()
    ).map(({ type }) => type);

  function makeInvoice(): string {
    const { company } = quickBooks;
    const customer = company.addCustomer(`Customer ${randomBytes(4).toString("hex")}`).Id;
    return company.create("Invoice", {
      CustomerRef: { value: customer },
      Line: [
        {
          Amount: 10,
          DetailType: "SalesItemLineDetail",
          SalesItemLineDetail: { ItemRef: { value: company.ids.services } },
        },
      ],
    }).Id;
  }

  test("comes by signed webhooks of either shape, once; others are refused", async () => {
    const url = await webhookUrl();
    const id = await connect({ webhook_verifier_token: quickBooks.app.verifierToken });
    // The first poll is over: what is told from here on is told by webhooks.
    await settle();
    const polled = await eventsOf(id);
    quickBooks.events.length = 0;
    quickBooks.company.pay(makeInvoice());
    const told = [...quickBooks.events];
    const forged = await quickBooks.sendWebhooks({ url, signature: "bm8=" });
    expect(forged.map(({ status }) => status)).toEqual([400]);
    expect(await eventsOf(id)).toEqual(polled);
    quickBooks.events.push(...told);
    const [delivery] = await quickBooks.sendWebhooks({ url });
    expect(delivery?.status).toBe(200);
    const types = await eventsOf(id);
    expect(types).toContain("payment.created");
    expect(types).toContain("invoice.created");
    if (delivery !== undefined) await quickBooks.redeliver(delivery);
    expect(await eventsOf(id)).toEqual(types);
    quickBooks.events.push(...told);
    const [old] = await quickBooks.sendWebhooks({ url, form: "old" });
    expect(old?.status).toBe(200);
    expect((await eventsOf(id)).length).toBeGreaterThan(types.length);
  });

  test("is not believed without a verifier token, nor taken in without end", async () => {
    const url = await webhookUrl();
    const id = await connect();
    await settle();
    const polled = await eventsOf(id);
    makeInvoice();
    const [unsigned] = await quickBooks.sendWebhooks({ url });
    expect(unsigned?.status).toBe(400);
    const huge = await fetch(url, { method: "POST", body: Buffer.alloc(9 * 1024 * 1024, 32) });
    expect(huge.status).toBe(413);
    expect(await eventsOf(id)).toEqual(polled);
  });

  test("is polled where no webhook tells it", async () => {
    const id = await connect();
    await settle();
    quickBooks.company.pay(makeInvoice());
    expect((await server.send("POST", `/v1/connections/${id}/poll`)).status).toBe(202);
    await settle();
    const types = await eventsOf(id);
    expect(types).toContain("invoice.changed");
    expect(types).toContain("payment.changed");
    expect((await show(id)).polling).toMatchObject({ error: null, read_until: expect.any(String) });
  });
});

test("a test names what the company and the settings lack", async () => {
  const id = await connect({}, { item_strategy: "single", create_items: true });
  await server.send("PATCH", `/v1/connections/${id}`, { settings: { multicurrency: true } });
  const codes = (await testOf(id)).problems.map(({ code }: { code: string }) => code);
  expect(codes).toEqual([
    "multicurrency_mismatch",
    "default_item_missing",
    "income_account_missing",
  ]);
  const { ids } = quickBooks.company;
  const settings = {
    default_item_id: ids.services,
    income_account_id: ids.incomeAccount,
    multicurrency: false,
    commit_item_id: "999999",
  };
  await server.send("PATCH", `/v1/connections/${id}`, { settings });
  const found = await testOf(id);
  expect(found.problems.map(({ code }: { code: string }) => code)).toEqual(["commit_item_unknown"]);
  await server.send("PATCH", `/v1/connections/${id}`, {
    settings: { commit_item_id: ids.services },
  });
  expect(await testOf(id)).toMatchObject({ ok: true, problems: [] });
});

type Ids = SeedIds & { readonly category: string };

test.each<[string, "US" | "GB", (ids: Ids) => object, string[]]>([
  [
    "names where ids belong",
    "US",
    () => ({ default_item_id: "Services", sales_term_id: "Net-30", income_account_id: "Sales" }),
    ["default_item_unknown", "income_account_unknown", "sales_term_unknown"],
  ],
  [
    "a category where an item belongs",
    "US",
    ({ category }) => ({ default_item_id: category }),
    ["default_item_unfit"],
  ],
  [
    "an account that nothing is earned on",
    "US",
    ({ checking }) => ({ income_account_id: checking }),
    ["income_account_unfit"],
  ],
  [
    "a liability, on which what is paid ahead waits",
    "US",
    ({ deferredRevenueAccount: id }) => ({ income_account_id: id }),
    [],
  ],
  [
    "a rate where a line is taxed or not",
    "US",
    ({ taxCodes }) => ({ tax_code_id: taxCodes.California }),
    ["tax_code_unfit"],
  ],
  ["taxed, where lines are taxed or not", "US", () => ({ tax_code_id: "TAX" }), []],
  ["taxed, where a line has a rate", "GB", () => ({ tax_code_id: "TAX" }), ["tax_code_unfit"]],
  [
    "a rate, where a line has one",
    "GB",
    ({ taxCodes }) => ({ tax_code_id: taxCodes["20.0% S"] }),
    [],
  ],
])(
  "a test names settings that the company cannot use: %s, %s",
  async (_name, country, settings, codes) => {
    const { realmId, ids, create: make } = quickBooks.addCompany({ country });
    const category = make("Item", { Name: "Cloud", Type: "Category" }).Id;
    const id = await create();
    await open(await quickBooks.consent(await authorizeUrl(id), { realmId }));
    const chosen = settings({ ...ids, category });
    await server.send("PATCH", `/v1/connections/${id}`, { settings: chosen });
    const { problems } = await testOf(id);
    expect(problems.map(({ code }: { code: string }) => code)).toEqual(codes);
  },
);
