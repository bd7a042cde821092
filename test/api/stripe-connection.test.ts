import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import Stripe from "stripe";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createVault } from "../../src/platform/secrets/encryption.ts";
import { stripeProvider } from "../../src/providers/stripe/provider.ts";
import { type CollectAccount, NEEDED, openCollectAccount } from "../support/collect-account.ts";
import {
  findFreePort,
  type ProviderProxy,
  providerError,
  startProviderProxy,
} from "../support/provider-proxy.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

const PUBLIC_URL = "https://billing.example.com";
const credentialsKey = randomBytes(32);

let server: TestServer;
let proxy: ProviderProxy;
let account: CollectAccount;
let address: string;
let now = Date.UTC(2024, 0, 1);

beforeAll(async () => {
  const collectPort = await findFreePort();
  proxy = await startProviderProxy(`http://127.0.0.1:${collectPort}`);
  server = await startTestServer({
    collectPort,
    stripeApiBase: proxy.url,
    publicUrl: PUBLIC_URL,
    credentialsKey,
  });
  const { body } = await server.send("GET", "/v1/environment");
  address = `${PUBLIC_URL}/stripe/${body.data.client_id}/SANDBOX`;
  await settle();
});
afterAll(async () => {
  await server?.close();
  await proxy?.close();
});
beforeEach(async () => {
  proxy.before = undefined;
  proxy.after = undefined;
  account = await openCollectAccount(server);
  const { body } = await server.send("GET", "/v1/connections");
  for (const { id, built_in } of body.data) {
    if (!built_in) await server.send("DELETE", `/v1/connections/${id}`);
  }
  await settle();
  proxy.calls.length = 0;
});

/** Does what is due; so many hours later when some are given. */
async function settle(hours = 0): Promise<void> {
  now += hours * 3_600_000;
  await server.setClock(new Date(now).toISOString());
}

async function connect(credential: object): Promise<string> {
  const reply = await server.send("POST", "/v1/connections", { provider: "stripe", credential });
  expect([reply.status, reply.body.data?.status]).toEqual([200, "connecting"]);
  return reply.body.data.id;
}

const show = async (id: string) => (await server.send("GET", `/v1/connections/${id}`)).body.data;
const testOf = async (id: string) => {
  const { status, body } = await server.send("POST", `/v1/connections/${id}/test`);
  expect(status).toBe(200);
  return body.data;
};

/** The endpoints of the account, oldest first. */
const endpoints = async (): Promise<Stripe.WebhookEndpoint[]> =>
  (await account.stripe.webhookEndpoints.list()).data.toReversed();

async function secretsOf(id: string): Promise<string[]> {
  const { credential } = await server.db
    .selectFrom("connections")
    .select("credential")
    .where("id", "=", id)
    .executeTakeFirstOrThrow();
  const { subscription } = JSON.parse(createVault(credentialsKey).decrypt(credential));
  return (subscription?.endpoints ?? []).map(({ secret }: { secret: string }) => secret);
}

async function readiness(): Promise<{ status: string; degraded: string[] }> {
  const response = await fetch(`${server.url}/health/ready`);
  return (await response.json()) as { status: string; degraded: string[] };
}

let events = 0;

/** What the server answers to an event that is signed with this secret. */
async function hears(secret: string): Promise<number> {
  events += 1;
  const payload = JSON.stringify({
    id: `evt_signed_${events}`,
    object: "event",
    type: "invoice.updated",
    livemode: false,
    data: { object: { id: "in_of_nobody", object: "invoice", metadata: {} } },
  });
  const signature = new Stripe("sk_test_unused").webhooks.generateTestHeaderString({
    payload,
    secret,
  });
  const response = await fetch(`${server.url}${new URL(address).pathname}`, {
    method: "POST",
    headers: { "content-type": "application/json", "stripe-signature": signature },
    body: payload,
  });
  return response.status;
}

describe("a key that is connected", () => {
  test("opens its account, and an endpoint of ours is made there", async () => {
    const id = await connect({ api_key: await account.restrictedKey() });
    await settle();
    const [endpoint, ...more] = await endpoints();
    expect(more).toEqual([]);
    expect(endpoint).toMatchObject({
      url: address,
      status: "enabled",
      api_version: Stripe.API_VERSION,
      metadata: { ledgerline_connection_id: id },
    });
    expect(await show(id)).toMatchObject({
      status: "connected",
      status_reason: null,
      account_id: account.id,
      webhook: { state: "registered", url: address, endpoint_id: endpoint?.id, rotation: null },
      polling: { last_poll_at: expect.any(String), error: null },
      last_event: null,
    });
    const [secret] = await secretsOf(id);
    expect(await hears(secret ?? "")).toBe(200);
    expect((await show(id)).last_event).toMatchObject({ type: "invoice.updated" });
    const { body } = await server.send("GET", "/v1/environment");
    expect(body.data.connections).toContainEqual(
      expect.objectContaining({ id, last_event: expect.objectContaining({}) }),
    );
    expect(JSON.stringify(body)).not.toContain(secret);
  });

  test("may lack the right to its own account: the refusal names it", async () => {
    const { account: _none, ...others } = NEEDED;
    const id = await connect({ api_key: await account.restrictedKey(others) });
    await settle();
    expect(await show(id)).toMatchObject({ status: "connected", account_id: account.id });
  });

  test("keeps the secrets of endpoints that were set up by hand, and has its own beside them", async () => {
    const id = await connect({
      api_key: await account.restrictedKey(),
      webhook_secret: "whsec_by_hand_1",
      webhook_secrets: ["whsec_by_hand_2"],
    });
    await settle();
    const answers = await Promise.all(
      ["whsec_by_hand_1", "whsec_by_hand_2", ...(await secretsOf(id)), "whsec_forged"].map(hears),
    );
    expect(answers).toEqual([200, 200, 200, 400]);
    // Changed and named anew: ours is no part of what a user sets.
    await server.send("PATCH", `/v1/connections/${id}`, {
      credential: { webhook_secret: "whsec_by_hand_3", webhook_secrets: null },
    });
    await settle();
    expect(await endpoints()).toHaveLength(1);
    const after = await Promise.all(
      ["whsec_by_hand_1", "whsec_by_hand_2", "whsec_by_hand_3", ...(await secretsOf(id))].map(
        hears,
      ),
    );
    expect(after).toEqual([400, 400, 200, 200]);
  });

  test("has no second endpoint where one stands at our address by hand", async () => {
    const byHand = await account.stripe.webhookEndpoints.create({
      url: address,
      enabled_events: ["*"],
      api_version: Stripe.API_VERSION as never,
    });
    const id = await connect({
      api_key: await account.restrictedKey(),
      webhook_secret: byHand.secret,
    });
    await settle();
    expect((await endpoints()).map((each) => each.id)).toEqual([byHand.id]);
    expect((await show(id)).webhook).toMatchObject({ state: "by_hand", endpoint_id: null });
    expect(await testOf(id)).toMatchObject({
      ok: true,
      webhook: { state: "by_hand", endpoint_id: byHand.id, enabled: true, missing_event_types: [] },
    });
  });

  test("without the right to webhook endpoints: connected, and polled", async () => {
    const { webhook_endpoints: _none, ...others } = NEEDED;
    const id = await connect({ api_key: await account.restrictedKey(others) });
    await settle();
    expect(await show(id)).toMatchObject({
      status: "connected",
      webhook: { state: "none", reason: expect.stringMatching(/webhook_endpoints/) },
    });
    expect(await endpoints()).toEqual([]);
    const { ok, problems } = await testOf(id);
    expect(ok).toBe(false);
    expect(problems).toContainEqual({
      code: "permission_denied",
      message: expect.stringMatching(/^Webhook Endpoints: write: /),
      remedy: expect.stringContaining('"Webhook Endpoints: write"'),
    });
  });

  test("an endpoint that was disabled or changed is put right at the next look", async () => {
    const id = await connect({ api_key: await account.restrictedKey() });
    await settle();
    const [endpoint] = await endpoints();
    await account.stripe.webhookEndpoints.update(endpoint?.id ?? "", {
      disabled: true,
      enabled_events: ["invoice.paid"],
    });
    const { ok, problems } = await testOf(id);
    expect([ok, problems.map(({ code }: { code: string }) => code)]).toEqual([
      false,
      ["webhook_disabled", "webhook_events_missing"],
    ]);
    expect((await server.send("POST", `/v1/connections/${id}/poll`)).status).toBe(202);
    await settle();
    expect(await testOf(id)).toMatchObject({ ok: true });
    expect((await endpoints())[0]).toMatchObject({ id: endpoint?.id, status: "enabled" });
  });
});

describe("a key that opens nothing", () => {
  test.each<[string, () => Promise<object>, RegExp]>([
    ["is unknown", async () => ({ api_key: "sk_test_of_nobody_here" }), /Invalid API Key/],
    [
      "was revoked",
      async () => {
        const { key, end } = await account.secretKey();
        await end();
        return { api_key: key };
      },
      /API Key/,
    ],
    [
      "is another account's than the one it names",
      async () => ({ api_key: await account.restrictedKey(), stripe_account: "acct_0thers" }),
      /does not have access to account 'acct_0thers'/,
    ],
  ])(
    "because it %s: failed, with the reason, in the health as well",
    async (_what, credential, reason) => {
      const id = await connect(await credential());
      await settle();
      expect(await show(id)).toMatchObject({
        status: "failed",
        status_reason: expect.stringMatching(reason),
      });
      const health = await readiness();
      expect(health).toMatchObject({ status: "degraded" });
      expect(health.degraded.join()).toMatch(
        /the stripe connection "stripe" of SANDBOX has failed. It refuses its key/,
      );
      const tested = await testOf(id);
      expect(tested).toMatchObject({ ok: false, account: null, permissions: [] });
      expect(tested.problems).toMatchObject([
        { code: "auth_failed", message: expect.stringMatching(reason), remedy: expect.any(String) },
      ]);
      // The right key repairs it.
      await server.send("PATCH", `/v1/connections/${id}`, {
        credential: { api_key: await account.restrictedKey(), stripe_account: account.id },
      });
      await settle();
      expect(await show(id)).toMatchObject({ status: "connected", status_reason: null });
      expect(await readiness()).toMatchObject({
        status: "ok",
      });
    },
  );

  test("an outage while it is connected is waited out", async () => {
    proxy.before = async () => providerError(503);
    const id = await connect({ api_key: await account.restrictedKey() });
    await settle();
    expect(await show(id)).toMatchObject({
      status: "connecting",
      status_reason: expect.stringContaining("Out of order"),
    });
    proxy.before = undefined;
    await settle(1);
    expect(await show(id)).toMatchObject({ status: "connected", account_id: account.id });
  });

  test("an outage that lasts fails it; it is looked after all the same", async () => {
    proxy.before = async () => providerError(503);
    const id = await connect({ api_key: await account.restrictedKey() });
    for (let tries = 0; tries < 6; tries += 1) await settle(1);
    expect((await show(id)).status).toBe("failed");
    proxy.before = undefined;
    await settle(2);
    expect((await show(id)).status).toBe("connected");
  });
});

describe("a test of the connection", () => {
  const RIGHTS = [
    "Customers: read",
    "Products: write",
    "Prices: write",
    "Invoices: write",
    "Credit Notes: write",
    "PaymentIntents: write",
    "Events: read",
    "Webhook Endpoints: write",
  ];

  test("names the account, its mode, every right and the endpoint, and changes nothing", async () => {
    const id = await connect({ api_key: await account.restrictedKey() });
    await account.stripe.customers.create({ name: "To be read" });
    await settle();
    const standing = async () =>
      JSON.stringify([
        (await account.stripe.events.list({ limit: 100 })).data.length,
        await endpoints(),
        await show(id),
      ]);
    const before = await standing();
    const tested = await testOf(id);
    expect(tested).toMatchObject({
      ok: true,
      account: { id: account.id, mode: "test" },
      permissions: RIGHTS.map((name) => ({ name, granted: true, message: null })),
      webhook: {
        state: "registered",
        url: address,
        enabled: true,
        missing_event_types: [],
        api_version: Stripe.API_VERSION,
        pinned_api_version: Stripe.API_VERSION,
      },
      problems: [],
    });
    expect(tested.by_hand.join()).toMatch(/Automatic retries.*event types invoice.created/s);
    expect(await standing()).toBe(before);
  });

  test.each([
    ["customers", "Customers: read", {}],
    ["invoices", "Invoices: write", { invoices: "read" }],
    ["products", "Products: write", { products: "read" }],
    ["prices", "Prices: write", { prices: "read" }],
    ["credit_notes", "Credit Notes: write", { credit_notes: "read" }],
    ["payment_intents", "PaymentIntents: write", { payment_intents: "read" }],
    ["events", "Events: read", {}],
  ] as const)("finds that the right to %s is missing", async (resource, name, instead) => {
    const { [resource]: _none, ...others } = NEEDED;
    const id = await connect({ api_key: await account.restrictedKey({ ...others, ...instead }) });
    const { ok, permissions, problems } = await testOf(id);
    expect(ok).toBe(false);
    const missing = permissions.filter(({ granted }: { granted: boolean }) => !granted);
    expect(missing).toMatchObject([{ name, granted: false }]);
    expect(problems).toContainEqual(
      expect.objectContaining({
        code: "permission_denied",
        remedy: expect.stringContaining(`"${name}"`),
      }),
    );
  });

  test("asks for the right to tax only where tax is computed there", async () => {
    const id = await connect({ api_key: await account.restrictedKey() });
    await settle();
    const taxes = async () => {
      proxy.calls.length = 0;
      await testOf(id);
      return proxy.calls.filter(({ path }) => path.startsWith("/v1/tax")).length;
    };
    expect(await taxes()).toBe(0);
    await server.send("PATCH", "/v1/settings/stripe", { tax_mode: "stripe" });
    expect(await taxes()).toBe(1);
    await server.send("PATCH", "/v1/settings/stripe", { tax_mode: "none" });
  });

  test.each([
    [
      "an HTML page",
      async () => ({
        status: 200,
        headers: { "content-type": "text/html" },
        body: "<h1>Proxy</h1>",
      }),
    ],
    ["a broken connection", async () => "reset" as const],
    ["a 500", async () => providerError(500)],
  ])("says so when the answer is %s", async (_what, answer) => {
    const id = await connect({ api_key: await account.restrictedKey() });
    await settle();
    proxy.before = answer;
    expect(await testOf(id)).toMatchObject({
      ok: false,
      account: null,
      webhook: { state: "unknown" },
      problems: [{ code: "unreachable", message: expect.stringMatching(/^Stripe did not answer/) }],
    });
  });

  test("says so when there is no answer in time", async () => {
    const provider = stripeProvider({
      override: proxy.url,
      collect: () => undefined,
      timeoutMs: 50,
    });
    const answered = new Promise<void>((resolve) => {
      proxy.before = () =>
        new Promise((answer) => {
          setTimeout(() => answer("reset"), 500);
          resolve();
        });
    });
    const connection = {
      id: "connection",
      environment: "SANDBOX",
      builtIn: false,
      credential: { api_key: server.collectKey },
      settings: {},
    } as const;
    expect(await provider.account?.test(connection, undefined)).toMatchObject({
      account: null,
      problems: [{ code: "unreachable" }],
    });
    await answered;
  });

  test("says so when the account answers in the other mode", async () => {
    const id = await connect({ api_key: await account.restrictedKey() });
    await settle();
    proxy.before = async ({ path }) =>
      path === "/v1/customers"
        ? {
            status: 200,
            headers: { "content-type": "application/json" },
            body: JSON.stringify({ object: "list", data: [{ id: "cus_1", livemode: true }] }),
          }
        : undefined;
    expect(await testOf(id)).toMatchObject({
      ok: false,
      account: { mode: "live" },
      problems: [{ code: "livemode_mismatch" }],
    });
  });

  test("of the built-in connection, and of none there is", async () => {
    const { body } = await server.send("GET", "/v1/connections");
    const builtIn = body.data.find(({ built_in }: { built_in: boolean }) => built_in);
    expect(builtIn).toMatchObject({ webhook: { state: "registered" } });
    expect(await testOf(builtIn.id)).toMatchObject({ ok: true, webhook: { state: "registered" } });
    const id = "6a0bd4f5-9a4a-4f3e-8a70-2f6d5f1f3b11";
    for (const action of ["test", "poll", "rotate-webhook-secret"]) {
      expect((await server.send("POST", `/v1/connections/${id}/${action}`)).status).toBe(404);
    }
  });
});

describe("the signing secret", () => {
  const rotate = (id: string) => server.send("POST", `/v1/connections/${id}/rotate-webhook-secret`);

  test("is changed: both are good for a day, then the old endpoint is gone", async () => {
    const id = await connect({ api_key: await account.restrictedKey() });
    await settle();
    const [old] = await secretsOf(id);
    const [oldEndpoint] = await endpoints();
    const asked = await rotate(id);
    expect([asked.status, asked.body.data.webhook.rotation]).toEqual([202, { state: "requested" }]);
    expect((await rotate(id)).status).toBe(409);
    await settle();
    const [fresh, ...others] = await secretsOf(id);
    expect(others).toEqual([old]);
    expect(await Promise.all([hears(old ?? ""), hears(fresh ?? "")])).toEqual([200, 200]);
    expect((await show(id)).webhook).toMatchObject({
      state: "registered",
      rotation: { state: "overlap", old_secret_valid_until: expect.any(String) },
    });
    expect(await endpoints()).toHaveLength(2);
    expect((await rotate(id)).status).toBe(409);
    await settle(25);
    expect(await secretsOf(id)).toEqual([fresh]);
    expect(await Promise.all([hears(old ?? ""), hears(fresh ?? "")])).toEqual([400, 200]);
    const left = await endpoints();
    expect(left).toHaveLength(1);
    expect(left[0]?.id).not.toBe(oldEndpoint?.id);
    expect((await show(id)).webhook).toMatchObject({ endpoint_id: left[0]?.id, rotation: null });
  });

  test("that was made and lost, because the answer was, is made once more", async () => {
    const id = await connect({ api_key: await account.restrictedKey() });
    await settle();
    await rotate(id);
    let cut = false;
    proxy.after = async ({ method, path }) => {
      if (cut || method !== "POST" || path !== "/v1/webhook_endpoints") return undefined;
      cut = true;
      return "reset";
    };
    await settle();
    await settle(1);
    await settle(1);
    expect(cut).toBe(true);
    const secrets = await secretsOf(id);
    expect([secrets.length, (await endpoints()).length]).toEqual([2, 2]);
    expect(await Promise.all(secrets.map(hears))).toEqual([200, 200]);
  });

  test("of what is not ours is not changed", async () => {
    const { body } = await server.send("GET", "/v1/connections");
    expect((await rotate(body.data[0].id)).status).toBe(409);
    const { webhook_endpoints: _none, ...others } = NEEDED;
    const id = await connect({ api_key: await account.restrictedKey(others) });
    await settle();
    expect(await rotate(id)).toMatchObject({
      status: 409,
      body: { message: expect.stringContaining("no webhook endpoint of ours") },
    });
  });
});

describe("an account that is left", () => {
  test("because it is disconnected has no endpoint of ours any more", async () => {
    const foreign = await account.stripe.webhookEndpoints.create({
      url: "https://others.example.com/hook",
      enabled_events: ["*"],
    });
    const id = await connect({ api_key: await account.restrictedKey() });
    await settle();
    expect(await endpoints()).toHaveLength(2);
    const [secret] = await secretsOf(id);
    await server.send("DELETE", `/v1/connections/${id}`);
    await settle();
    expect((await endpoints()).map((each) => each.id)).toEqual([foreign.id]);
    expect(await hears(secret ?? "")).toBe(400);
  });

  test("while it is down is left later", async () => {
    const id = await connect({ api_key: await account.restrictedKey() });
    await settle();
    proxy.before = async () => providerError(503);
    await server.send("DELETE", `/v1/connections/${id}`);
    await settle();
    proxy.before = undefined;
    await settle(1);
    expect(await endpoints()).toEqual([]);
  });

  test("with a key that was revoked meanwhile is given up, and the clock goes on", async () => {
    const { key, end } = await account.secretKey();
    const id = await connect({ api_key: key });
    await settle();
    await end();
    await server.send("DELETE", `/v1/connections/${id}`);
    await settle(1);
    const { rows } = await sql`select 1 from core_jobs where kind = 'leave-account'`.execute(
      server.db,
    );
    expect(rows).toEqual([]);
  });

  test("for another account by its key has none, the other one has", async () => {
    const id = await connect({ api_key: await account.restrictedKey() });
    await settle();
    const [old] = await secretsOf(id);
    const other = await openCollectAccount(server);
    const path = `/v1/connections/${id}`;
    await server.send("PATCH", path, { credential: { api_key: await other.restrictedKey() } });
    await settle();
    expect(await show(id)).toMatchObject({ status: "connected", account_id: other.id });
    await settle(1);
    expect(await endpoints()).toEqual([]);
    expect((await other.stripe.webhookEndpoints.list()).data).toMatchObject([{ url: address }]);
    const secrets = await secretsOf(id);
    expect(secrets).toHaveLength(1);
    expect(await Promise.all([old ?? "", ...secrets].map(hears))).toEqual([400, 200]);
  });

  test("stays when only its key is replaced", async () => {
    const id = await connect({ api_key: await account.restrictedKey() });
    await settle();
    const before = [await endpoints(), await secretsOf(id)];
    const credential = { api_key: await account.restrictedKey() };
    await server.send("PATCH", `/v1/connections/${id}`, { credential });
    await settle();
    await settle(1);
    expect([await endpoints(), await secretsOf(id)]).toEqual(before);
  });

  test("in the very moment of its set-up keeps no endpoint that nobody knows", async () => {
    const other = await openCollectAccount(server);
    const id = await connect({ api_key: await account.restrictedKey() });
    let done = false;
    const key = await other.restrictedKey();
    proxy.after = async ({ method, path }) => {
      if (done || method !== "POST" || path !== "/v1/webhook_endpoints") return undefined;
      done = true;
      await server.send("PATCH", `/v1/connections/${id}`, { credential: { api_key: key } });
      return undefined;
    };
    await settle();
    await settle(1);
    expect(done).toBe(true);
    expect(await show(id)).toMatchObject({ status: "connected", account_id: other.id });
    expect(await endpoints()).toEqual([]);
    expect((await other.stripe.webhookEndpoints.list()).data).toHaveLength(1);
    expect(await secretsOf(id)).toHaveLength(1);
  });
});

test("what a user may not set is refused", async () => {
  const api_key = await account.restrictedKey();
  for (const field of ["subscription", "webhook_endpoint_id"]) {
    const reply = await server.send("POST", "/v1/connections", {
      provider: "stripe",
      credential: { api_key, [field]: "x" },
    });
    expect([reply.status, reply.body.message]).toEqual([400, `unknown field credential.${field}`]);
  }
});
