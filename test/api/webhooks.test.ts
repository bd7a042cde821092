import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { instant } from "../../src/domain/time.ts";
import type { OperationContext } from "../../src/operations/context.ts";
import { sendWebhook } from "../../src/operations/send-webhook.ts";
import { inTransaction } from "../../src/platform/database/database.ts";
import { getEnvironment } from "../../src/store/environments.ts";
import { type Receiver, startReceiver } from "../support/receiver.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

let server: TestServer;
/** Only forwards: every test starts a day after the one before. */
let now = instant("2024-01-01T00:00:00Z");
const receivers: Receiver[] = [];

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock(now.toString());
});
afterAll(async () => {
  await server?.close();
  for (const receiver of receivers) await receiver.close();
});

async function advance(hours: number): Promise<void> {
  now = now.add({ hours });
  await server.setClock(now.toString());
}

/** Sends one message as any operation does. */
async function send(properties: object, id: string = randomUUID()): Promise<string> {
  const environment = await getEnvironment(server.db, "SANDBOX");
  const ctx = { db: server.db, environment, now, actor: "test" } as OperationContext;
  await inTransaction(server.db, (tx) =>
    sendWebhook(tx, ctx, { id, type: "invoice.finalized", body: { properties } }),
  );
  return id;
}

async function addEndpoint(extra: object = {}, answer = 200) {
  const receiver = await startReceiver(answer);
  receivers.push(receiver);
  const { status, body } = await server.send("POST", "/v1/webhook-endpoints", {
    url: receiver.url,
    ...extra,
  });
  expect(status).toBe(200);
  return { receiver, endpoint: body.data as { id: string; secret: string; status: string } };
}

const removeEndpoint = (id: string) => server.send("DELETE", `/v1/webhook-endpoints/${id}`);

async function listDeliveries(endpointId: string) {
  const { body } = await server.send("GET", `/v1/webhook-endpoints/${endpointId}/deliveries`);
  return body.data as { id: string; message_id: string; status: string; attempts: number }[];
}

function unwrap({ received }: Receiver, secret: string, index = 0) {
  const { body = "", headers = {} } = received[index] ?? {};
  return server.metronome.webhooks.unwrap(body, headers as Record<string, string>, secret);
}

describe("deliveries", () => {
  test("are signed so that the official client accepts them", async () => {
    const own = await addEndpoint({ secret: "a secret of its own" });
    const shared = await addEndpoint();
    const id = await send({ invoice_id: "i1", amount: "1.10" });
    await advance(1);
    const payload = {
      id,
      type: "invoice.finalized",
      properties: { invoice_id: "i1", amount: "1.10" },
    };
    expect(unwrap(own.receiver, "a secret of its own")).toEqual(payload);
    expect(unwrap(shared.receiver, shared.endpoint.secret)).toEqual(payload);
    expect(() => unwrap(own.receiver, shared.endpoint.secret)).toThrow(/signature/);
    expect(await listDeliveries(own.endpoint.id)).toMatchObject([
      { message_id: id, status: "delivered", attempts: 1, last_status: 200, last_error: null },
    ]);
    await server.send("POST", "/v1/client/config/webhook_secret", { webhook_secret: "replaced" });
    await send({});
    await advance(1);
    expect(() => unwrap(shared.receiver, "replaced", 1)).not.toThrow();
    expect(() => unwrap(own.receiver, "a secret of its own", 1)).not.toThrow();
    await removeEndpoint(own.endpoint.id);
    await removeEndpoint(shared.endpoint.id);
  });

  test("of one fact happen once, however often it is told", async () => {
    const { receiver, endpoint } = await addEndpoint();
    const id = await send({});
    await send({}, id);
    await advance(1);
    await send({}, id);
    await advance(1);
    expect(receiver.received).toHaveLength(1);
    await removeEndpoint(endpoint.id);
  });

  test("go only to endpoints that want the type", async () => {
    const other = await addEndpoint({ event_types: ["invoice.billing_provider_error"] });
    const wanted = await addEndpoint({ event_types: ["INVOICE.FINALIZED"] });
    await send({});
    await advance(1);
    expect([other.receiver.received.length, wanted.receiver.received.length]).toEqual([0, 1]);
    await removeEndpoint(other.endpoint.id);
    await removeEndpoint(wanted.endpoint.id);
  });

  test("are retried with the same body, signed anew", async () => {
    const { receiver, endpoint } = await addEndpoint({}, 500);
    await send({ n: 1 });
    await server.setClock(now.toString());
    expect(receiver.received).toHaveLength(1);
    now = now.add({ seconds: 45 });
    await server.setClock(now.toString());
    // 15 s after the first try and 30 s after the second.
    expect(receiver.received).toHaveLength(3);
    receiver.answer = 204;
    await advance(1);
    expect(receiver.received).toHaveLength(4);
    expect(new Set(receiver.received.map((post) => post.body)).size).toBe(1);
    expect(await listDeliveries(endpoint.id)).toMatchObject([
      { status: "delivered", attempts: 4, last_status: 204 },
    ]);
    await removeEndpoint(endpoint.id);
  });

  test("a dead receiver costs few tries, is disabled, and a replay revives it", async () => {
    const { receiver, endpoint } = await addEndpoint({}, 503);
    for (let count = 0; count < 12; count += 1) await send({ count });
    await advance(24 * 30);
    // At most two first tries for each and one probe a quarter of an hour for two days.
    expect(receiver.received.length).toBeGreaterThan(190);
    expect(receiver.received.length).toBeLessThan(250);
    const { body } = await server.send("GET", "/v1/webhook-endpoints");
    expect(body.data).toMatchObject([{ id: endpoint.id, status: "disabled" }]);
    const dead = await listDeliveries(endpoint.id);
    expect(new Set(dead.map((delivery) => delivery.status))).toEqual(new Set(["failed"]));

    const unsent = await send({});
    const [skipped] = await listDeliveries(endpoint.id);
    expect(skipped).toMatchObject({ message_id: unsent, status: "failed", attempts: 0 });
    receiver.answer = 200;
    receiver.received.length = 0;
    const replay = `/v1/webhook-endpoints/${endpoint.id}/deliveries/${skipped?.id}/replay`;
    expect((await server.send("POST", replay)).body.data).toMatchObject({ status: "pending" });
    await advance(1);
    expect(receiver.received).toHaveLength(1);
    const after = await server.send("GET", "/v1/webhook-endpoints");
    expect(after.body.data).toMatchObject([{ id: endpoint.id, status: "enabled" }]);
    await removeEndpoint(endpoint.id);
  }, 60_000);

  test("all reach a receiver that comes back", async () => {
    const { receiver, endpoint } = await addEndpoint({}, 500);
    const ids = [];
    for (let count = 0; count < 12; count += 1) ids.push(await send({ count }));
    await advance(3);
    expect(await listDeliveries(endpoint.id)).toHaveLength(12);
    receiver.answer = 200;
    receiver.received.length = 0;
    await advance(1);
    const got = receiver.received.map((post) => JSON.parse(post.body).id);
    expect(got.toSorted()).toEqual(ids.toSorted());
    const states = (await listDeliveries(endpoint.id)).map((delivery) => delivery.status);
    expect(new Set(states)).toEqual(new Set(["delivered"]));
    await removeEndpoint(endpoint.id);
  }, 60_000);

  test("stop when the endpoint is deleted", async () => {
    const { receiver, endpoint } = await addEndpoint({}, 500);
    await send({});
    await server.setClock(now.toString());
    expect(receiver.received).toHaveLength(1);
    await removeEndpoint(endpoint.id);
    await advance(1);
    expect(receiver.received).toHaveLength(1);
    const { status } = await server.send("GET", `/v1/webhook-endpoints/${endpoint.id}/deliveries`);
    expect(status).toBe(404);
  });
});

describe("endpoints", () => {
  test("show their secret once and keep it encrypted", async () => {
    const { endpoint } = await addEndpoint({ secret: "very secret words" });
    expect(endpoint.secret).toBe("very secret words");
    const list = await server.send("GET", "/v1/webhook-endpoints");
    expect(JSON.stringify(list.body)).not.toContain("very secret");
    const row = await server.db
      .selectFrom("webhook_endpoints")
      .select("secret")
      .where("id", "=", endpoint.id)
      .executeTakeFirstOrThrow();
    expect(row.secret).not.toContain("very secret");
    await removeEndpoint(endpoint.id);
  });

  test.each([
    ["no url", {}, "url is required"],
    ["a relative url", { url: "/hook" }, "url"],
    ["another scheme", { url: "ftp://example.com" }, "http"],
    ["a password in the url", { url: "http://a:b@example.com" }, "password"],
    [
      "an unknown type",
      { url: "https://example.com", event_types: ["invoice.done"] },
      "event_types[0]",
    ],
    ["no types", { url: "https://example.com", event_types: [] }, "event_types"],
    ["an unknown field", { url: "https://example.com", name: "x" }, "unknown field name"],
  ])("%s is refused", async (_what, body, message) => {
    const reply = await server.send("POST", "/v1/webhook-endpoints", body);
    expect([reply.status, reply.body.message]).toEqual([400, expect.stringContaining(message)]);
  });

  test("of the other environment do not exist", async () => {
    const { endpoint } = await addEndpoint();
    const authorization = `Bearer ${server.productionToken}`;
    for (const [method, rest] of [
      ["GET", "/deliveries"],
      ["DELETE", ""],
      ["POST", `/deliveries/${randomUUID()}/replay`],
    ] as const) {
      const path = `/v1/webhook-endpoints/${endpoint.id}${rest}`;
      expect((await server.send(method, path, undefined, { authorization })).status).toBe(404);
    }
    const list = await server.send("GET", "/v1/webhook-endpoints", undefined, { authorization });
    expect(list.body.data).toEqual([]);
    await removeEndpoint(endpoint.id);
  });

  test("may not be on a private network unless the server allows it", async () => {
    const guarded = await startTestServer({ allowPrivateNetwork: false });
    try {
      const reply = await guarded.send("POST", "/v1/webhook-endpoints", {
        url: "http://127.0.0.1:9/hook",
      });
      expect([reply.status, reply.body.message]).toEqual([
        400,
        expect.stringContaining("private network"),
      ]);
    } finally {
      await guarded.close();
    }
  });
});
