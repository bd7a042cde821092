import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { instant } from "../../src/domain/time.ts";
import type { OperationContext } from "../../src/operations/context.ts";
import { sendWebhook } from "../../src/operations/send-webhook.ts";
import { inTransaction } from "../../src/platform/database/database.ts";
import { getEnvironment } from "../../src/store/environments.ts";
import { type Receiver, startReceiver } from "../support/receiver.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

let server: TestServer;
let receiver: Receiver;
let url: string;
/** Only forwards. */
let now = instant("2024-01-01T00:00:00Z");

beforeAll(async () => {
  server = await startTestServer();
  receiver = await startReceiver();
  const { body } = await server.send("GET", "/v1/environment");
  url = `/organizations/${body.data.org_id}/integrationdestinations/webhooks`;
  await server.setClock(now.toString());
});
afterAll(async () => {
  await server.close();
  await receiver.close();
});

const SIGNED = { type: "M3TER_SIGNED_REQUEST", apiKey: "key-1", secret: "secret-1" };

const make = async (fields: object = {}) =>
  server.send("POST", url, {
    name: "Ledger",
    description: "Tells the ledger",
    url: receiver.url,
    credentials: SIGNED,
    ...fields,
  });

/** Sends one message as any operation does. */
async function tell(): Promise<void> {
  const environment = await getEnvironment(server.db, "SANDBOX");
  const ctx = { db: server.db, environment, now, actor: "test" } as OperationContext;
  const message = {
    id: randomUUID(),
    type: "invoice.finalized",
    body: { properties: {} },
  } as const;
  await inTransaction(server.db, (tx) => sendWebhook(tx, ctx, message));
}

async function advance(): Promise<void> {
  now = now.add({ hours: 1 });
  await server.setClock(now.toString());
}

/** The signature of the last message, checked as the official client does. */
const unwrapLast = (secret: string) => {
  const { body = "", headers = {} } = receiver.received.at(-1) ?? {};
  return server.metronome.webhooks.unwrap(body, headers as Record<string, string>, secret);
};

test("a destination is an endpoint: it is signed for, gets its key, and can be switched off and on", async () => {
  const made = (await make({ code: "ledger" })).body;
  expect(made).toEqual({
    id: expect.any(String),
    name: "Ledger",
    description: "Tells the ledger",
    code: "ledger",
    active: true,
    url: receiver.url,
    credentials: { type: "M3TER_SIGNED_REQUEST" },
    version: 1,
    dtCreated: "2024-01-01T00:00:00Z",
  });
  const endpoints = await server.send("GET", "/v1/webhook-endpoints");
  expect(endpoints.body.data).toMatchObject([{ id: made.id, status: "enabled" }]);

  await tell();
  await advance();
  expect(receiver.received).toHaveLength(1);
  expect(receiver.received[0]?.headers["x-api-key"]).toBe("key-1");
  expect(() => unwrapLast("secret-1")).not.toThrow();

  const off = await server.send("PUT", `${url}/${made.id}/active?active=false`);
  expect(off.body).toMatchObject({ active: false, version: 2 });
  await tell();
  await advance();
  expect(receiver.received).toHaveLength(1);

  const on = await server.send("PUT", `${url}/${made.id}/active?active=true`);
  expect(on.body).toMatchObject({ active: true, version: 3 });
  const renamed = await server.send("PUT", `${url}/${made.id}`, { ...on.body, name: "Books" });
  expect(renamed.body).toMatchObject({ name: "Books", code: "ledger", version: 4 });
  await tell();
  await advance();
  expect(receiver.received).toHaveLength(2);
  expect(() => unwrapLast("secret-1")).not.toThrow();

  const rekeyed = await server.send("PUT", `${url}/${made.id}`, {
    ...renamed.body,
    code: null,
    credentials: { ...SIGNED, apiKey: "key-2", secret: "secret-2" },
  });
  expect(rekeyed.body).toMatchObject({ code: null, version: 5 });
  await tell();
  await advance();
  expect(receiver.received.at(-1)?.headers["x-api-key"]).toBe("key-2");
  expect(() => unwrapLast("secret-2")).not.toThrow();

  const stale = await server.send("PUT", `${url}/${made.id}`, made);
  expect(stale.status).toBe(409);
  expect((await server.send("DELETE", `${url}/${made.id}`)).body).toMatchObject({ id: made.id });
  expect((await server.send("GET", `${url}/${made.id}`)).status).toBe(404);
});

test("switched off while it fails, it begins anew when it is on again", async () => {
  const made = (await make()).body;
  receiver.answer = 500;
  for (let index = 0; index < 20; index += 1) await tell();
  await advance();
  const waiting = await server.send("GET", `/v1/webhook-endpoints/${made.id}/deliveries`);
  expect(waiting.body.data.every((each: { status: string }) => each.status === "pending")).toBe(
    true,
  );
  await server.send("PUT", `${url}/${made.id}/active?active=false`);
  const failed = await server.send("GET", `/v1/webhook-endpoints/${made.id}/deliveries`);
  expect(
    failed.body.data.map((each: { status: string; last_error: string }) => [
      each.status,
      each.last_error,
    ]),
  ).toEqual(Array(20).fill(["failed", "The endpoint was switched off"]));
  receiver.answer = 200;
  receiver.received.length = 0;
  await server.send("PUT", `${url}/${made.id}/active?active=true`);
  await tell();
  await advance();
  expect(receiver.received).toHaveLength(1);
  await server.send("DELETE", `${url}/${made.id}`);
});

test("secrets never travel back, and are in no log and no column in the clear", async () => {
  const secret = `s-${randomUUID()}`;
  const made = await make({ credentials: { ...SIGNED, apiKey: secret, secret } });
  const list = await server.send("GET", url);
  expect(JSON.stringify([made.body, list.body])).not.toContain(secret);
  const { rows } = await sql`select 1 from audit_logs where audit_logs::text like ${`%${secret}%`}
    union all select 1 from webhook_endpoints where webhook_endpoints::text like ${`%${secret}%`}`.execute(
    server.db,
  );
  expect(rows).toEqual([]);
});

test.each([
  [{ url: "ftp://example.com" }, "http"],
  [{ url: "not a url" }, "url must be"],
  [{ name: null }, "name must be"],
  [{ credentials: { type: "HTTP_BASIC" } }, "credentials.type must be one of"],
  [{ credentials: { type: SIGNED.type } }, "credentials.apiKey and credentials.secret"],
  [{ credentials: { ...SIGNED, secret: undefined } }, "credentials.secret is required"],
  [{ credentials: { ...SIGNED, apiKey: undefined } }, "credentials.apiKey is required"],
  [{ credentials: { ...SIGNED, apiKey: "a\r\nx-admin: 1" } }, "credentials.apiKey must be"],
  [{ credentials: { ...SIGNED, empty: true } }, "credentials.empty"],
  [{ events: ["x"] }, "unknown field events"],
])("%j is refused", async (fields, message) => {
  const before = (await server.send("GET", url)).body.data.length;
  const reply = await make(fields);
  expect([reply.status, reply.body.message]).toEqual([400, expect.stringContaining(message)]);
  expect((await server.send("GET", url)).body.data).toHaveLength(before);
});

test("the switch says which way", async () => {
  const made = (await make()).body;
  const reply = await server.send("PUT", `${url}/${made.id}/active`);
  expect([reply.status, reply.body.message]).toEqual([400, "active is required"]);
  expect((await server.send("PUT", `${url}/${randomUUID()}/active?active=true`)).status).toBe(404);
});
