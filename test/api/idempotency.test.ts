import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../support/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const create = (name: string, key: string) =>
  server.send("POST", "/v1/customers", { name }, { "idempotency-key": key });

const countCustomers = async (): Promise<number> =>
  (await server.send("GET", "/v1/customers?limit=100")).body.data.length;

test("the same key and parameters give the first reply and change nothing", async () => {
  const first = await create("Once", "key-1");
  const count = await countCustomers();
  const second = await create("Once", "key-1");
  expect(second.status).toBe(200);
  expect(second.body).toEqual(first.body);
  expect(second.headers.get("idempotent-replayed")).toBe("true");
  expect(await countCustomers()).toBe(count);
});

test("the same key with other parameters is a conflict that must not be retried", async () => {
  await create("First", "key-2");
  const other = await create("Second", "key-2");
  expect([other.status, other.body.message]).toEqual([
    409,
    "This Idempotency-Key was used with other parameters.",
  ]);
  expect(other.headers.get("x-should-retry")).toBe("false");
});

test("a refused request is not stored: mended, it may use its key again", async () => {
  const refused = await create("", "key-3");
  expect(refused.status).toBe(400);
  expect((await create("Mended", "key-3")).status).toBe(200);
});

test("many at once under one key have one effect", async () => {
  const before = await countCustomers();
  const replies = await Promise.all(Array.from({ length: 6 }, () => create("Race", "key-4")));
  const accepted = replies.filter(({ status }) => status === 200);
  expect(new Set(accepted.map(({ body }) => body.data.id)).size).toBe(1);
  expect(replies.every(({ status }) => status === 200 || status === 409)).toBe(true);
  expect(await countCustomers()).toBe(before + 1);
});

test("the key of one environment means nothing in the other", async () => {
  const sandbox = await create("Both", "key-5");
  const authorization = `Bearer ${server.productionToken}`;
  const production = await server.send(
    "POST",
    "/v1/customers",
    { name: "Both" },
    { "idempotency-key": "key-5", authorization },
  );
  expect(production.status).toBe(200);
  expect(production.body.data.id).not.toBe(sandbox.body.data.id);
});

test("stored replies are not readable in the database", async () => {
  await create("Secretive", "key-6");
  const rows = await server.db.selectFrom("idempotent_requests").select("body").execute();
  expect(rows.length).toBeGreaterThan(0);
  for (const { body } of rows) expect(body).toMatch(/^v1\./);
});

test("a key of 256 characters is refused", async () => {
  const { status, body } = await create("Long", "k".repeat(256));
  expect([status, body.message]).toEqual([400, "Idempotency-Key must have 1 to 255 characters"]);
});
