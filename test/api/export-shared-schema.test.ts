import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../support/server.ts";

const SNAPSHOT = "contracts_rate_cards";

let server: TestServer;
let schemas = 0;

beforeAll(async () => {
  server = await startTestServer();
});

afterAll(() => server.close());

/** Nobody else's, until the second destination is asked for. */
const newSchema = (): string => {
  schemas += 1;
  return `schema ${schemas}`;
};

const destination = (schema: string, tables?: readonly string[], settings: object = {}) => ({
  name: `Warehouse of ${schema}`,
  kind: "postgres",
  ...(tables === undefined ? {} : { tables }),
  settings: { host: "db.example", database: "lake", user: "writer", schema, ...settings },
  credential: { password: "secret" },
});

const create = (body: unknown, headers: Record<string, string> = {}) =>
  server.send("POST", "/v1/exports/destinations", body, headers);
const change = (id: string, body: unknown) =>
  server.send("PATCH", `/v1/exports/destinations/${id}`, body);

test("a second destination of one schema may not take a snapshot's place there", async () => {
  const schema = newSchema();
  const { body: first } = await create(destination(schema, [SNAPSHOT, "packages", "customer"]));
  const { status, body } = await create(destination(schema));
  expect([status, body.message]).toEqual([
    409,
    `tables: packages, contracts_rate_cards are written into this schema by the destination "Warehouse of ${schema}" (${first.data.id}) already, and their snapshots would take each other's place. Give this destination another settings.schema, or name tables without them.`,
  ]);
});

test.each<[object, string]>([
  [{ host: "DB.example", port: 5432 }, "a host has no case, and the port is the usual one"],
  [{ host: "db.example." }, "the dot at a name's end is the root's"],
  [{ user: "another" }, "who writes makes no difference"],
])("%j: 409 (%s)", async (settings) => {
  const schema = newSchema();
  expect((await create(destination(schema, [SNAPSHOT]))).status).toBe(200);
  expect((await create(destination(schema, [SNAPSHOT], settings))).status).toBe(409);
});

test.each<[readonly string[], object, string]>([
  [["customer", "packages"], {}, "tables that change row by row are the same from both"],
  [[SNAPSHOT], { port: 5433 }, "another server"],
  [[SNAPSHOT], { host: "db2.example" }, "another host"],
  [[SNAPSHOT], { database: "other" }, "another database"],
  [[SNAPSHOT], { schema: "Schema" }, "another schema: names have case"],
])("%j %j: accepted (%s)", async (tables, settings) => {
  const schema = "schema";
  const { body: first } = await create(destination(schema, [SNAPSHOT, "customer"]));
  const { status, body: second } = await create(destination(schema, tables, settings));
  expect(status).toBe(200);
  for (const { data } of [first, second]) {
    await server.send("DELETE", `/v1/exports/destinations/${data.id}`);
  }
});

test("a deleted destination keeps nothing, and the other environment is apart", async () => {
  const body = destination(newSchema(), [SNAPSHOT]);
  const { body: first } = await create(body);
  const production = { authorization: `Bearer ${server.productionToken}` };
  expect((await create(body, production)).status).toBe(200);
  expect((await create(body)).status).toBe(409);
  await server.send("DELETE", `/v1/exports/destinations/${first.data.id}`);
  expect((await create(body)).status).toBe(200);
});

test("a change of tables is refused alike, and other changes are not asked about", async () => {
  const schema = newSchema();
  await create(destination(schema, [SNAPSHOT]));
  const { body } = await create(destination(schema, ["packages"]));
  const { id } = body.data;
  const refused = await change(id, { tables: ["packages", SNAPSHOT], name: "Second" });
  expect([refused.status, refused.body.message]).toEqual([
    409,
    expect.stringContaining("tables: contracts_rate_cards is written into this schema by"),
  ]);
  const shown = await server.send("GET", `/v1/exports/destinations/${id}`);
  expect(shown.body.data).toMatchObject({ name: body.data.name, tables: ["packages"] });
  expect((await change(id, { tables: ["packages", "customer"] })).status).toBe(200);
  expect((await change(id, { name: "Second" })).status).toBe(200);
});

test("of many that come at once, one is accepted", async () => {
  const schema = newSchema();
  const replies = await Promise.all(
    Array.from({ length: 8 }, () => create(destination(schema, [SNAPSHOT]))),
  );
  expect(replies.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(409)]);
});

test("of two that take one more table at once, one is changed", async () => {
  const schema = newSchema();
  const { body: one } = await create(destination(schema, ["packages"]));
  const { body: other } = await create(destination(schema, ["contracts_edits"]));
  const replies = await Promise.all(
    [one, other].map(({ data }) => change(data.id, { tables: [...data.tables, SNAPSHOT] })),
  );
  expect(replies.map(({ status }) => status).sort()).toEqual([200, 409]);
});
