import { afterAll, beforeAll, expect, test } from "vitest";
import { createCustomer } from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/** Single events by transaction id. The clock stands on 25 March 2024. */
const ALIAS = "team@acme.test";
const AT = "2024-03-20T10:00:00Z";

let server: TestServer;
let customer: string;
let metric: string;

const event = (id: string, change: Record<string, unknown> = {}) => ({
  transaction_id: id,
  customer_id: customer,
  event_type: "heartbeat",
  timestamp: AT,
  properties: { cpu: "1.50", region: "eu" },
  ...change,
});

const search = (transactionIds: string[]) => server.metronome.v1.usage.search({ transactionIds });

beforeAll(async () => {
  server = await startTestServer();
  const { metronome } = server;
  await server.setClock("2024-03-25T00:00:00Z");
  const created = await metronome.v1.customers.create({ name: "Acme", ingest_aliases: [ALIAS] });
  customer = created.data.id;
  const { data } = await metronome.v1.billableMetrics.create({
    name: "CPU",
    aggregation_type: "SUM",
    aggregation_key: "cpu",
    event_type_filter: { in_values: ["heartbeat"] },
    property_filters: [{ name: "cpu", exists: true }],
  });
  metric = data.id;
  await metronome.v1.usage.ingest({
    usage: [
      event("by-id", { customer_id: customer.toUpperCase() }),
      event("by-alias", { customer_id: ALIAS }),
      event("nobody", { customer_id: "someone@else.test" }),
      event("uncounted", { event_type: "restart" }),
      // 35 days before the clock.
      event("too-old", { timestamp: "2024-02-19T00:00:00Z" }),
    ],
  });
  await metronome.v1.usage.ingest({ usage: [event("by-id", { properties: { cpu: 9 } })] });
});
afterAll(() => server.close());

test("an event comes with its customer and the metrics that count it", async () => {
  const [found, ...others] = await search(["by-id"]);
  expect(others).toEqual([]);
  expect(found).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-/),
    transaction_id: "by-id",
    customer_id: customer,
    event_type: "heartbeat",
    timestamp: AT,
    properties: { cpu: "1.50", region: "eu" },
    is_duplicate: false,
    processed_at: "2024-03-25T00:00:00Z",
    matched_customer: { id: customer, name: "Acme" },
    matched_billable_metrics: [
      {
        id: metric,
        name: "CPU",
        aggregation_type: "SUM",
        aggregation_key: "cpu",
        event_type_filter: { in_values: ["heartbeat"] },
        property_filters: [{ name: "cpu", exists: true }],
        group_keys: [],
        custom_fields: {},
      },
    ],
  });
});

test("in the order they are asked for, each once; what there is not is left out", async () => {
  const found = await search(["uncounted", "nothing", "by-alias", "nobody", "by-alias", "too-old"]);
  const rows = found.map((one) => [
    one.transaction_id,
    one.customer_id,
    one.matched_customer?.id,
    one.matched_billable_metrics?.length,
  ]);
  expect(rows).toEqual([
    ["uncounted", customer, customer, 0],
    ["by-alias", ALIAS, customer, 1],
    ["nobody", "someone@else.test", undefined, 1],
    // Stored, and counted by no metric.
    ["too-old", customer, customer, 0],
  ]);
  expect(await search([])).toEqual([]);
});

test("an alias that is given later makes the event its customer's", async () => {
  const late = await createCustomer(server.metronome, "Late");
  await server.metronome.v1.customers.setIngestAliases({
    customer_id: late,
    ingest_aliases: ["someone@else.test"],
  });
  expect((await search(["nobody"]))[0]?.matched_customer).toEqual({ id: late, name: "Late" });
});

test("an alias that looks like an id matches in any case, unless a customer has that id", async () => {
  const free = "6A0BD4F5-9a4a-4f3e-8a70-2f6d5f1f3b11";
  const { data } = await server.metronome.v1.customers.create({
    name: "Looks like an id",
    ingest_aliases: [free],
  });
  const sent = event("like-an-id", { customer_id: free.toUpperCase() });
  await server.metronome.v1.usage.ingest({ usage: [sent] });
  const [found] = await search(["like-an-id"]);
  expect([found?.customer_id, found?.matched_customer?.id]).toEqual([free.toLowerCase(), data.id]);
});

test("the other environment has none of them", async () => {
  const found = await server.production.v1.usage.search({ transactionIds: ["by-id", "too-old"] });
  expect(found).toEqual([]);
});

test.each([
  [{}, "transactionIds"],
  [{ transactionIds: "by-id" }, "transactionIds"],
  [{ transactionIds: [7] }, "transactionIds[0]"],
  [{ transactionIds: [""] }, "transactionIds[0]"],
  [{ transactionIds: Array.from({ length: 1001 }, (_, n) => `t${n}`) }, "transactionIds"],
  [{ transactionIds: ["by-id"], customer_id: "x" }, "unknown field customer_id"],
])("%j is refused", async (body, message) => {
  const reply = await server.send("POST", "/v1/events/search", body);
  expect([reply.status, reply.body.message]).toEqual([400, expect.stringContaining(message)]);
});
