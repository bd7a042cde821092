import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../support/server.ts";

const NOW = "2024-03-15T12:00:00Z";
let server: TestServer;
let serial = 0;

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock(NOW);
});
afterAll(() => server.close());

const sumOfTokens = {
  name: "Tokens",
  aggregation_type: "SUM",
  aggregation_key: "tokens",
  event_type_filter: { in_values: ["inference"] },
  property_filters: [
    { name: "tokens", exists: true },
    { name: "region", exists: true, in_values: ["eu", "us"] },
  ],
  group_keys: [["region"]],
} as const;

function newId(): string {
  serial += 1;
  return `m-${serial}`;
}

const event = (customer_id: string, change: Record<string, unknown> = {}) => ({
  transaction_id: newId(),
  customer_id,
  event_type: "inference",
  timestamp: "2024-03-15T10:00:00Z",
  properties: { tokens: 2, region: "eu" },
  ...change,
});

const create = (body: object) =>
  server.metronome.v1.billableMetrics.create(
    body as Parameters<typeof server.metronome.v1.billableMetrics.create>[0],
  );

const newCustomer = async () =>
  (await server.metronome.v1.customers.create({ name: "Acme" })).data.id;

async function usageOf(customerId: string, metricId: string): Promise<number | null | undefined> {
  const page = await server.metronome.v1.usage.list({
    window_size: "NONE",
    starting_on: "2024-03-01T00:00:00Z",
    ending_before: "2024-03-16T00:00:00Z",
    customer_ids: [customerId],
    billable_metrics: [{ id: metricId }],
  });
  return page.data[0]?.value;
}

test("a metric reads back as it was created", async () => {
  const { data } = await create(sumOfTokens);
  const read = await server.metronome.v1.billableMetrics.retrieve({ billable_metric_id: data.id });
  expect(read.data).toEqual({ id: data.id, ...sumOfTokens, custom_fields: {} });
});

test("lists run in order of creation, page by page, without archived ones", async () => {
  const ids: string[] = [];
  for (const name of ["a", "b", "c"]) {
    ids.push((await create({ name, aggregation_type: "count" })).data.id);
  }
  const archived = ids[1] ?? "";
  await server.metronome.v1.billableMetrics.archive({ id: archived });
  const listed = async (include_archived: boolean) => {
    const found: string[] = [];
    const pages = server.metronome.v1.billableMetrics.list({ limit: 1, include_archived });
    for await (const metric of pages) if (ids.includes(metric.id)) found.push(metric.id);
    return found;
  };
  expect(await listed(false)).toEqual([ids[0], ids[2]]);
  expect(await listed(true)).toEqual(ids);
  const read = await server.metronome.v1.billableMetrics.retrieve({ billable_metric_id: archived });
  expect(read.data.archived_at).toBe(NOW);
});

test("the metrics of a customer are those of its environment", async () => {
  const customer_id = await newCustomer();
  const page = await server.metronome.v1.customers.listBillableMetrics({ customer_id, limit: 2 });
  expect(page.data.length).toBe(2);
  const missing = "00000000-0000-4000-8000-000000000000";
  const unknown = await server.send("GET", `/v1/customers/${missing}/billable-metrics`);
  expect(unknown.status).toBe(404);
});

test("only the name changes", async () => {
  const { data } = await create(sumOfTokens);
  const url = `/v1/billable-metrics/${data.id}`;
  const renamed = await server.send("PUT", url, { name: "Tokens (all)" });
  expect(renamed.body).toEqual({ data: { id: data.id } });
  expect((await server.send("GET", url)).body.data.name).toBe("Tokens (all)");
  expect((await server.send("PUT", url, { name: "x", aggregation_type: "MAX" })).status).toBe(400);
});

test("custom fields are echoed, unknown keys refused", async () => {
  await server.metronome.v1.customFields.addKey({
    entity: "billable_metric",
    key: "team",
    enforce_uniqueness: false,
  });
  const { data } = await create({ ...sumOfTokens, custom_fields: { team: "ai" } });
  const read = await server.metronome.v1.billableMetrics.retrieve({ billable_metric_id: data.id });
  expect(read.data.custom_fields).toEqual({ team: "ai" });
  await expect(create({ ...sumOfTokens, custom_fields: { nope: "x" } })).rejects.toThrow("nope");
});

test("a new metric counts the events already stored, once", async () => {
  const customerId = await newCustomer();
  const usage = [
    event(customerId),
    event(customerId, { properties: { tokens: "40.5", region: "us" } }),
    event(customerId, { properties: { tokens: 1000, region: "mars" } }),
    event(customerId, { event_type: "other" }),
    event(customerId, { timestamp: "2023-01-01T00:00:00Z" }),
  ];
  await server.metronome.v1.usage.ingest({ usage });
  const { data } = await create(sumOfTokens);
  expect(await usageOf(customerId, data.id)).toBe(42.5);
  await server.metronome.v1.usage.ingest({ usage: [...usage, event(customerId)] });
  expect(await usageOf(customerId, data.id)).toBe(44.5);
});

test("events that arrive while metrics are created count once in each", async () => {
  const customerId = await newCustomer();
  const sends = Array.from({ length: 60 }, () =>
    server.metronome.v1.usage.ingest({
      usage: Array.from({ length: 20 }, () => event(customerId)),
    }),
  );
  const metrics = [];
  for (let i = 0; i < 5; i += 1)
    metrics.push(await create({ ...sumOfTokens, name: `during ${i}` }));
  await Promise.all(sends);
  for (const { data } of metrics) expect(await usageOf(customerId, data.id)).toBe(2400);
});

test("an archived metric goes on metering", async () => {
  const customerId = await newCustomer();
  const { data } = await create(sumOfTokens);
  await server.metronome.v1.billableMetrics.archive({ id: data.id });
  await server.metronome.v1.usage.ingest({ usage: [event(customerId)] });
  expect(await usageOf(customerId, data.id)).toBe(2);
});

test("the other environment knows nothing of a metric", async () => {
  const { data } = await create(sumOfTokens);
  const reading = server.production.v1.billableMetrics.retrieve({ billable_metric_id: data.id });
  await expect(reading).rejects.toMatchObject({ status: 404 });
  await expect(server.production.v1.billableMetrics.archive({ id: data.id })).rejects.toMatchObject(
    {
      status: 404,
    },
  );
});

test.each<[string, object, string]>([
  ["no name", { aggregation_type: "COUNT" }, "name is required"],
  ["a long name", { ...sumOfTokens, name: "x".repeat(1_048_576) }, "name"],
  ["a lone surrogate", { ...sumOfTokens, name: "\ud800" }, "lone surrogate"],
  ["SQL", { name: "x", sql: "select 1" }, "sql is not supported"],
  ["no aggregation", { name: "x" }, "without aggregation_type is not supported"],
  [
    "an unknown aggregation",
    { name: "x", aggregation_type: "MEDIAN" },
    "aggregation_type must be one of",
  ],
  [
    "no key to add up",
    { name: "x", aggregation_type: "SUM" },
    "aggregation_key is required for SUM",
  ],
  ["a key to count", { ...sumOfTokens, aggregation_type: "COUNT" }, "does not apply to COUNT"],
  [
    "a key without a filter",
    { ...sumOfTokens, aggregation_key: "bytes" },
    "The specified aggregation key must be one of the property filter names.",
  ],
  [
    "a group without a filter",
    { ...sumOfTokens, group_keys: [["model"]] },
    "Group key 'model' does not match one of the property filter names.",
  ],
  [
    "an empty list",
    { ...sumOfTokens, event_type_filter: { in_values: [] } },
    "event_type_filter.in_values",
  ],
  ["an unknown field", { ...sumOfTokens, colour: "red" }, "unknown field colour"],
  [
    "an unknown field inside",
    { ...sumOfTokens, property_filters: [{ name: "tokens", matches: "x" }] },
    "unknown field property_filters[0].matches",
  ],
  ["a wrong type", { ...sumOfTokens, group_keys: ["region"] }, "group_keys[0] must be array"],
])("%s is refused", async (_name, body, message) => {
  const before = await server.send("GET", "/v1/billable-metrics?include_archived=true");
  const reply = await server.send("POST", "/v1/billable-metrics/create", body);
  expect([reply.status, reply.body.message]).toEqual([400, expect.stringContaining(message)]);
  const after = await server.send("GET", "/v1/billable-metrics?include_archived=true");
  expect(after.body).toEqual(before.body);
});

test.each([
  ["/v1/billable-metrics?limit=0", 400],
  ["/v1/billable-metrics?limit=101", 400],
  ["/v1/billable-metrics?colour=red", 400],
  ["/v1/billable-metrics?next_page=zzz", 400],
  ["/v1/billable-metrics/not-an-id", 400],
  ["/v1/billable-metrics/00000000-0000-4000-8000-000000000000", 404],
])("GET %s answers %i", async (path, status) => {
  expect((await server.send("GET", path)).status).toBe(status);
});
