import { Validator } from "@seriousme/openapi-schema-validator";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../support/server.ts";

// biome-ignore lint/suspicious/noExplicitAny: a description is walked whatever is in it.
type Description = any;

let server: TestServer;
let description: Description;
beforeAll(async () => {
  server = await startTestServer();
  description = await (await fetch(`${server.url}/openapi.json`)).json();
});
afterAll(() => server?.close());

const operations = (): { readonly name: string; readonly operation: Description }[] =>
  Object.entries<Description>(description.paths).flatMap(([path, methods]) =>
    Object.entries<Description>(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      operation,
    })),
  );

/** Every value under the key, anywhere below the node. */
function valuesOf(node: Description, key: string): unknown[] {
  if (typeof node !== "object" || node === null) return [];
  const own = Object.hasOwn(node, key) ? [node[key]] : [];
  return [...own, ...Object.values(node).flatMap((inner) => valuesOf(inner, key))];
}

test("it is valid OpenAPI 3.1, by the specification's own schema", async () => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(structuredClone(description));
  expect(errors).toBeUndefined();
  expect([valid, validator.version]).toEqual([true, "3.1"]);
});

test("every reference leads to something", async () => {
  const references = valuesOf(description, "$ref");
  for (const reference of references) {
    const steps = String(reference).replace(/^#\//, "").split("/");
    const found = steps.reduce((node, step) => node?.[step.replaceAll("~1", "/")], description);
    expect(found, String(reference)).toBeDefined();
  }
});

test("every operation has a readable id of its own, and says what it does", () => {
  const all = operations();
  expect(all.length).toBeGreaterThan(150);
  const ids = all.map(({ operation }) => operation.operationId);
  expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
  for (const { name, operation } of all) {
    expect(operation.operationId, name).toMatch(/^[a-z]+([A-Z][a-z0-9]*)*$/);
    expect(operation.summary, name).toMatch(/\w/);
    expect(operation.tags, name).toHaveLength(1);
  }
});

test("the parts of every path are described, and no others", () => {
  for (const { name, operation } of operations()) {
    const inPath = [...name.matchAll(/\{(\w+)\}/g)].map(([, part]) => part);
    const described = (operation.parameters ?? []).flatMap((each: Description) =>
      each.in === "path" ? [each.name] : [],
    );
    expect(described.sort(), name).toEqual(inPath.sort());
  }
});

test("what needs the token says so, and what is public says that", async () => {
  expect(description.security).toEqual([{ token: [] }]);
  expect(description.components.securitySchemes).toEqual({
    token: { type: "http", scheme: "bearer" },
  });
  for (const { name, operation } of operations()) {
    const [method, path = ""] = name.split(" ");
    if (method !== "GET" || path.includes("{")) continue;
    const { status } = await fetch(`${server.url}${path}`);
    expect(status === 401, name).toBe(operation.security === undefined);
  }
});

test("every operation says what it answers when it fails", async () => {
  for (const { name, operation } of operations()) {
    const failures = Object.keys(operation.responses).filter((status) => /^[45]/.test(status));
    const isHealth = /\/health\/(ready|billing)$/.test(name);
    const tokenless = ["4XX", "5XX"];
    const wanted = operation.security === undefined ? ["401", ...tokenless] : tokenless;
    expect(failures.sort(), name).toEqual(isHealth ? ["503"] : wanted);
  }
  expect(Object.keys(description.paths["/v1/connections/{id}/poll"].post.responses)).toContain(
    "202",
  );
  const { responses } = description.paths["/v1/runs"].get;
  const { body, status } = await server.send("GET", "/v1/runs?limit=0");
  expect(status).toBe(400);
  const { required, properties } = responses["4XX"].content["application/json"].schema;
  expect([Object.keys(body), required]).toEqual([["message"], ["message"]]);
  expect(properties.message.type).toBe(typeof body.message);
});

test("it names the server, so that a tool that imports it knows where to call", () => {
  expect(description.servers).toEqual([{ url: server.url }]);
});

test("tools that read 3.0 alone get the same operations in 3.0", async () => {
  const reply = await fetch(`${server.url}/openapi.json?version=3.0`);
  const older = (await reply.json()) as Description;
  const validator = new Validator();
  const { errors } = await validator.validate(structuredClone(older));
  expect(errors).toBeUndefined();
  expect([validator.version, older.openapi, older.webhooks]).toEqual(["3.0", "3.0.3", undefined]);
  const idsOf = (described: Description) => valuesOf(described.paths, "operationId");
  expect(idsOf(older)).toEqual(idsOf(description));
  const types = valuesOf(older.paths, "type");
  expect(types.filter((type) => Array.isArray(type) || type === "null")).toEqual([]);
});

test("a version that there is none of is refused", async () => {
  const { status } = await fetch(`${server.url}/openapi.json?version=2.0`);
  expect(status).toBe(400);
});

test("the three steps of a recipe have examples, and the one that is sent is taken as it stands", async () => {
  const { post } = description.webhooks["invoice.finalized"];
  expect(post.requestBody.content["application/json"].example.type).toBe("invoice.finalized");
  const byId = new Map(operations().map(({ operation }) => [operation.operationId, operation]));
  const replyOf = (id: string) => byId.get(id).responses["200"].content["application/json"].example;
  expect(replyOf("getCustomerInvoice").data.line_items).toHaveLength(2);
  expect(replyOf("setInvoiceExternalInvoice").data.applied).toBe(true);
  expect(replyOf("getRuns").data[0].provider).toBe("custom");
  const { schema } = byId.get("getCustomerInvoice").responses["200"].content["application/json"];
  const { total, line_items } = schema.properties.data.properties;
  expect(total).toEqual({ type: "number" });
  expect(line_items.items.properties.name).toEqual({ type: "string" });
  const content = byId.get("setInvoiceExternalInvoice").requestBody.content["application/json"];
  const [example] = [content.example, ...Object.values<Description>(content.examples ?? {})].filter(
    (each) => each !== undefined,
  );
  const invoice = replyOf("getCustomerInvoice").data.id;
  // The invoice is another server's; nothing else is wrong with it.
  expect(
    await server.send("PUT", `/v1/invoices/${invoice}/external-invoice`, example?.value ?? example),
  ).toMatchObject({ status: 404, body: { message: expect.stringContaining("not found") } });
});
