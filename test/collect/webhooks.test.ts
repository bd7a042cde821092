import { sql } from "kysely";
import type Stripe from "stripe";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openTestCollect, type TestCollect } from "./open-test-collect.ts";
import { openReceiver } from "./webhook-receiver.ts";

let collect: TestCollect;
let stripe: Stripe;
const closers: (() => Promise<void>)[] = [];

async function open(): Promise<void> {
  collect = await openTestCollect();
  stripe = collect.stripe;
}

async function close(): Promise<void> {
  await Promise.all(closers.splice(0).map((closeReceiver) => closeReceiver()));
  await collect.close();
}

async function listen(
  enabled_events: Stripe.WebhookEndpointCreateParams.EnabledEvent[],
  answer?: () => number | undefined,
) {
  const receiver = await openReceiver(answer);
  closers.push(receiver.close);
  const endpoint = await stripe.webhookEndpoints.create({ url: receiver.url, enabled_events });
  return { ...receiver, endpoint, secret: endpoint.secret ?? "" };
}

const pendingOf = async (type: string): Promise<number | undefined> =>
  (await stripe.events.list({ type, limit: 1 })).data[0]?.pending_webhooks;

describe("endpoints", () => {
  beforeAll(open);
  afterAll(close);

  test("its secret is in clear nowhere in the database, nor in the reply that is kept", async () => {
    const { id, secret } = await stripe.webhookEndpoints.create(
      { url: "http://127.0.0.1:1/x", enabled_events: ["customer.created"] },
      { idempotencyKey: "a secret is in this reply" },
    );
    const again = await stripe.webhookEndpoints.create(
      { url: "http://127.0.0.1:1/x", enabled_events: ["customer.created"] },
      { idempotencyKey: "a secret is in this reply" },
    );
    expect([again.id, again.secret]).toEqual([id, secret]);
    for (const table of ["webhook_endpoints", "idempotency_keys", "events"]) {
      const { rows } = await sql<{
        all: string;
      }>`select coalesce(string_agg(row::text, ' '), '') as all
        from ${sql.table(`collect.${table}`)} row`.execute(collect.db);
      expect(rows[0]?.all.includes(String(secret).slice(6)), table).toBe(false);
    }
    await stripe.webhookEndpoints.del(id);
  });

  test("the secret is shown once", async () => {
    const { endpoint } = await listen(["*"]);
    expect(endpoint.secret).toMatch(/^whsec_/);
    const shown = await stripe.webhookEndpoints.retrieve(endpoint.id);
    expect(shown.secret).toBeUndefined();
    const changed = await stripe.webhookEndpoints.update(endpoint.id, {
      enabled_events: ["customer.created"],
      description: "mine",
      disabled: true,
    });
    expect(changed).toMatchObject({ status: "disabled", description: "mine" });
    expect((await stripe.webhookEndpoints.list()).data).toEqual([changed]);
    expect(await stripe.webhookEndpoints.del(endpoint.id)).toMatchObject({ deleted: true });
    await expect(stripe.webhookEndpoints.retrieve(endpoint.id)).rejects.toMatchObject({
      statusCode: 404,
    });
  });

  test.each([
    [{ url: "ftp://example.com", enabled_events: ["*"] }, "url"],
    [{ url: "not an address", enabled_events: ["*"] }, "url"],
    [{ url: "http://user:secret@example.com", enabled_events: ["*"] }, "url"],
    [{ url: "https://example.com", enabled_events: [] }, "enabled_events"],
    [{ url: "https://example.com", enabled_events: ["INVOICE PAID"] }, "enabled_events[0]"],
    [{ url: "https://example.com", enabled_events: ["*"], api_version: "new" }, "api_version"],
  ])("%j is refused", async (params, param) => {
    const create = stripe.webhookEndpoints.create(params as Stripe.WebhookEndpointCreateParams);
    await expect(create).rejects.toMatchObject({ statusCode: 400, param });
  });
});

test("addresses on private networks are refused unless the server allows them", async () => {
  const strict = await openTestCollect(undefined, { allowPrivateNetwork: false });
  try {
    for (const host of ["127.0.0.1", "localhost", "10.1.2.3", "[::1]", "169.254.169.254"]) {
      const create = strict.stripe.webhookEndpoints.create({
        url: `http://${host}/hook`,
        enabled_events: ["*"],
      });
      await expect(create).rejects.toMatchObject({ statusCode: 400, code: "url_invalid" });
    }
  } finally {
    await strict.close();
  }
});

describe("delivery", () => {
  // The clock only matters here, so each test has one of its own.
  beforeEach(open);
  afterEach(close);

  test("the official client accepts the signature and reads the snapshot", async () => {
    const { received, secret } = await listen(["customer.created"]);
    const customer = await stripe.customers.create(
      { name: "Müller" },
      { idempotencyKey: "hook-1" },
    );
    await stripe.customers.update(customer.id, { name: "changed since" });
    expect(await pendingOf("customer.created")).toBe(1);
    await collect.advanceTo("2024-01-01T00:00:00Z");
    expect(received).toHaveLength(1);
    const [{ body, signature } = { body: "", signature: "" }] = received;
    const event = stripe.webhooks.constructEvent(body, signature, secret);
    expect(event).toMatchObject({
      type: "customer.created",
      api_version: "2026-10-28.endive",
      pending_webhooks: 1,
      request: { idempotency_key: "hook-1" },
      data: { object: { id: customer.id, name: "Müller" } },
    });
    expect(await pendingOf("customer.created")).toBe(0);
  });

  test("events of one customer arrive in their order", async () => {
    const { received } = await listen(["*"]);
    const { id } = await stripe.customers.create({ name: "0" });
    for (const name of ["1", "2", "3", "4"]) await stripe.customers.update(id, { name });
    await collect.advanceTo("2024-01-01T00:00:00Z");
    const names = received.map(({ body }) => JSON.parse(body).data.object.name);
    expect(names).toEqual(["0", "1", "2", "3", "4"]);
  });

  test("a failing receiver is tried again after 5 s, 5 min and 30 min, signed anew", async () => {
    const answers = [500, 302, undefined, 204];
    const { received } = await listen(["customer.created"], () => answers.shift());
    await stripe.customers.create({});
    const counts: number[] = [];
    for (const at of ["00:00:00", "00:00:04", "00:00:05", "00:05:05", "00:35:05", "23:00:00"]) {
      await collect.advanceTo(`2024-01-01T${at}Z`);
      counts.push(received.length);
    }
    expect(counts).toEqual([1, 1, 2, 3, 4, 4]);
    expect(new Set(received.map(({ body }) => JSON.parse(body).id)).size).toBe(1);
    expect(await pendingOf("customer.created")).toBe(0);
  });

  test("an endpoint that is down for three days is switched off; others are not held up", async () => {
    const dead = await listen(["*"], () => 503);
    const alive = await listen(["*"]);
    await stripe.customers.create({});
    await collect.advanceTo("2024-01-05T00:00:00Z");
    expect(alive.received).toHaveLength(1);
    // 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, then each 12 h: eleven attempts end within three days.
    expect(dead.received).toHaveLength(11);
    expect((await stripe.webhookEndpoints.retrieve(alive.endpoint.id)).status).toBe("enabled");
    const undelivered = await stripe.events.list({ delivery_success: false });
    expect(undelivered.data).toHaveLength(1);
    await stripe.customers.create({});
    await collect.advanceTo("2024-01-06T00:00:00Z");
    expect(alive.received).toHaveLength(2);
    expect(dead.received).toHaveLength(12);
    expect((await stripe.webhookEndpoints.retrieve(dead.endpoint.id)).status).toBe("disabled");
  });

  test("deleting or disabling an endpoint ends its deliveries", async () => {
    const gone = await listen(["*"], () => 500);
    const off = await listen(["*"], () => 500);
    await stripe.customers.create({});
    await collect.advanceTo("2024-01-01T00:00:00Z");
    await stripe.webhookEndpoints.del(gone.endpoint.id);
    await stripe.webhookEndpoints.update(off.endpoint.id, { disabled: true });
    await collect.advanceTo("2024-01-03T00:00:00Z");
    expect([gone.received.length, off.received.length]).toEqual([1, 1]);
  });
});

describe("events", () => {
  beforeAll(open);
  afterAll(close);

  test("are listed by type, patterns included, and read one by one", async () => {
    const { id } = await stripe.customers.create({ payment_method: "pm_card_visa" });
    const types = async (params: Stripe.EventListParams) =>
      (await stripe.events.list(params)).data.map((event) => event.type);
    expect(await types({ type: "customer.created" })).toEqual(["customer.created"]);
    expect(await types({ types: ["payment_method.attached", "customer.created"] })).toEqual([
      "payment_method.attached",
      "customer.created",
    ]);
    expect(await types({ type: "payment_method.*" })).toEqual(["payment_method.attached"]);
    expect(await types({ type: "%" })).toEqual([]);
    const [event] = (await stripe.events.list({ type: "customer.created" })).data;
    expect(await stripe.events.retrieve(event?.id ?? "")).toEqual(event);
    expect(event?.data.object).toMatchObject({ id });
    await expect(stripe.events.retrieve("evt_none")).rejects.toMatchObject({ statusCode: 404 });
  });
});
