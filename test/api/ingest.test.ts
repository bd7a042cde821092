import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../support/server.ts";

const NOW = "2024-03-15T12:00:00Z";
let server: TestServer;
let metricId: string;
let customerId: string;
let serial = 0;

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock(NOW);
  const metric = await server.metronome.v1.billableMetrics.create({
    name: "Tokens",
    aggregation_type: "SUM",
    aggregation_key: "tokens",
    event_type_filter: { in_values: ["inference"] },
    property_filters: [{ name: "tokens", exists: true }],
  });
  metricId = metric.data.id;
});
afterAll(() => server.close());
beforeEach(async () => {
  const customer = await server.metronome.v1.customers.create({ name: "Acme" });
  customerId = customer.data.id;
});

function newId(): string {
  serial += 1;
  return `tx-${serial}`;
}

const event = (change: Record<string, unknown> = {}) => ({
  transaction_id: newId(),
  customer_id: customerId,
  event_type: "inference",
  timestamp: "2024-03-15T10:00:00Z",
  properties: { tokens: 1 },
  ...change,
});

/** What the metric holds for the customer over all that counts. */
async function total(): Promise<number | null | undefined> {
  const page = await server.metronome.v1.usage.list({
    window_size: "NONE",
    starting_on: "2024-02-01T00:00:00Z",
    ending_before: "2024-03-17T00:00:00Z",
    customer_ids: [customerId],
    billable_metrics: [{ id: metricId }],
  });
  return page.data[0]?.value;
}

async function countStored(): Promise<number> {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n
    from usage_event_keys`.execute(server.db);
  return rows[0]?.n ?? -1;
}

test("the official client sends events, and they count", async () => {
  await server.metronome.v1.usage.ingest({
    usage: [event({ properties: { tokens: 10 } }), event({ properties: { tokens: "2.5" } })],
  });
  expect(await total()).toBe(12.5);
});

test("the reply is empty", async () => {
  const { status, body, headers } = await server.send("POST", "/v1/ingest", [event()]);
  expect([status, body, headers.get("content-length")]).toEqual([200, "", "0"]);
});

test("a transaction id counts once, the first event wins, within and across requests", async () => {
  const first = event({ properties: { tokens: 7 } });
  const other = { ...first, properties: { tokens: 100 }, timestamp: "2024-03-14T00:00:00Z" };
  await server.metronome.v1.usage.ingest({ usage: [first, other] });
  await server.metronome.v1.usage.ingest({ usage: [other] });
  expect(await total()).toBe(7);
});

test("requests at the same moment with the same events count once", async () => {
  const usage = Array.from({ length: 50 }, () => event());
  await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      server.metronome.v1.usage.ingest({ usage: i % 2 === 0 ? usage : usage.toReversed() }),
    ),
  );
  expect(await total()).toBe(50);
});

test("the same transaction id in the other environment is another event", async () => {
  const shared = event();
  await server.metronome.v1.usage.ingest({ usage: [shared] });
  const before = await countStored();
  await server.production.v1.usage.ingest({
    usage: [{ ...shared, timestamp: new Date().toISOString() }],
  });
  expect(await countStored()).toBe(before + 1);
  expect(await total()).toBe(1);
});

test("an alias given later makes earlier events count, and stops when it is taken away", async () => {
  const alias = `team-${newId()}@example.com`;
  await server.metronome.v1.usage.ingest({ usage: [event({ customer_id: alias })] });
  expect(await total()).toBeNull();
  const setAliases = (ingest_aliases: string[]) =>
    server.metronome.v1.customers.setIngestAliases({ customer_id: customerId, ingest_aliases });
  await setAliases([alias]);
  await server.metronome.v1.usage.ingest({ usage: [event()] });
  expect(await total()).toBe(2);
  await setAliases([]);
  expect(await total()).toBe(1);
});

test("an id in upper case is the same customer", async () => {
  await server.metronome.v1.usage.ingest({
    usage: [event({ customer_id: customerId.toUpperCase() })],
  });
  expect(await total()).toBe(1);
});

test("an alias that is spelt like an id belongs to the customer with that id", async () => {
  const other = await server.metronome.v1.customers.create({ name: "Other" });
  const stranger = "6B0D0A4E-1111-4222-8333-444455556666";
  await server.db
    .insertInto("customer_ingest_aliases")
    .values(
      [other.data.id, stranger].map((alias, position) => ({
        environment_id: sql<string>`(select environment_id from customers where id = ${customerId})`,
        alias,
        customer_id: customerId,
        position,
      })),
    )
    .execute();
  await server.metronome.v1.usage.ingest({
    usage: [
      event({ customer_id: other.data.id, properties: { tokens: 100 } }),
      event({ customer_id: stranger }),
    ],
  });
  expect(await total()).toBe(1);
});

test("34 days back counts, older is stored and said, 24 hours ahead is the limit", async () => {
  const send = (timestamp: string) =>
    server.send("POST", "/v1/ingest", [event({ timestamp }), event()]);
  const tooOld = await send("2024-02-10T11:59:59.999Z");
  expect([tooOld.status, tooOld.headers.get("x-ledgerline-events-too-old")]).toEqual([200, "1"]);
  const justInTime = await send("2024-02-10T12:00:00Z");
  expect([justInTime.status, justInTime.headers.get("x-ledgerline-events-too-old")]).toEqual([
    200,
    null,
  ]);
  expect((await send("2024-03-16T12:00:00Z")).status).toBe(200);
  const ahead = await send("2024-03-16T12:00:00.001Z");
  expect(ahead.status).toBe(400);
  expect(ahead.body.message).toContain("[0].timestamp is more than 24 hours ahead");
  expect(await total()).toBe(5);
});

test("a too old event takes its transaction id all the same", async () => {
  const old = event({ timestamp: "2020-01-01T00:00:00Z" });
  await server.metronome.v1.usage.ingest({ usage: [old] });
  await server.metronome.v1.usage.ingest({ usage: [{ ...old, timestamp: NOW }] });
  expect(await total()).toBeNull();
});

test("unmatched types, unknown customers and values that are no number are stored and count nothing", async () => {
  const before = await countStored();
  await server.metronome.v1.usage.ingest({
    usage: [
      event({ event_type: "unheard of" }),
      event({ customer_id: "nobody" }),
      event({ properties: { tokens: "many" } }),
      event({ properties: { tokens: { deep: 1 } } }),
      event({ properties: {} }),
    ],
  });
  expect(await countStored()).toBe(before + 5);
  expect(await total()).toBeNull();
});

test("digits beyond a double are kept, corrections may be negative", async () => {
  const digits = "0.1234567890123456789";
  const body = JSON.stringify([
    event({ properties: { tokens: "X" } }),
    event({ properties: { tokens: -3 } }),
  ]);
  await server.send("POST", "/v1/ingest", body.replace('"X"', digits));
  const { rows } = await sql<{ sum: string }>`select sum(value_sum) as sum from usage_rollups
    where customer_ref = ${customerId}`.execute(server.db);
  expect(rows[0]?.sum).toBe("-2.8765432109876543211");
});

test("an Idempotency-Key replays the reply and counts once", async () => {
  const body = [event()];
  const key = { "idempotency-key": newId() };
  expect((await server.send("POST", "/v1/ingest", body, key)).status).toBe(200);
  const again = await server.send("POST", "/v1/ingest", body, key);
  expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([200, "true"]);
  expect((await server.send("POST", "/v1/ingest", [event()], key)).status).toBe(409);
  expect(await total()).toBe(1);
});

test("events of any year find their partition, whoever comes first", async () => {
  const other = await startTestServer();
  try {
    await other.setClock("2031-12-31T23:30:00Z");
    await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        other.metronome.v1.usage.ingest({
          usage: [
            event({ timestamp: "2031-12-31T23:00:00Z" }),
            event({ timestamp: `2032-01-01T0${i}:00:00Z` }),
            event({ timestamp: "2031-11-30T00:00:00Z" }),
          ],
        }),
      ),
    );
    const { rows } = await sql<{
      month: string;
      n: number;
    }>`select tableoid::regclass::text as month,
      count(*)::int as n from usage_events group by 1 order by 1`.execute(other.db);
    expect(rows).toEqual([
      { month: "usage_events_2031_11", n: 10 },
      { month: "usage_events_2031_12", n: 10 },
      { month: "usage_events_2032_01", n: 10 },
    ]);
  } finally {
    await other.close();
  }
});

const good = () => event();
test.each<[string, () => unknown, string]>([
  ["malformed JSON", () => '[{"transaction_id": ', "not valid JSON"],
  ["NaN", () => '[{"transaction_id": NaN}]', "not valid JSON"],
  ["no array", () => ({ usage: [good()] }), "must be an array"],
  ["null", () => null, "must be an array"],
  ["nothing in it", () => [], "1 to 100 events"],
  ["101 events", () => Array.from({ length: 101 }, good), "1 to 100 events, not 101"],
  ["no object", () => [good(), 7], "[1] must be an object"],
  ["a list for an event", () => [[good()]], "[0] must be an object"],
  [
    "no transaction id",
    () => [good(), event({ transaction_id: undefined })],
    "[1].transaction_id is required",
  ],
  [
    "an empty transaction id",
    () => [event({ transaction_id: "" })],
    "[0].transaction_id must be text of 1 to 128",
  ],
  [
    "a long transaction id",
    () => [event({ transaction_id: "x".repeat(129) })],
    "[0].transaction_id must be text",
  ],
  [
    "a number as transaction id",
    () => [event({ transaction_id: 1 })],
    "[0].transaction_id must be text",
  ],
  ["no customer", () => [event({ customer_id: undefined })], "[0].customer_id is required"],
  [
    "a megabyte for a customer",
    () => [event({ customer_id: "x".repeat(1_048_576) })],
    "[0].customer_id must be text",
  ],
  ["a NUL in the type", () => [event({ event_type: "a\0b" })], "[0].event_type must be text"],
  [
    "no time",
    () => [good(), good(), good(), event({ timestamp: undefined })],
    "[3].timestamp is required",
  ],
  [
    "a day that is none",
    () => [event({ timestamp: "2024-02-30T00:00:00Z" })],
    "[0].timestamp must be an RFC 3339",
  ],
  [
    "a number for the time",
    () => [event({ timestamp: 1_710_000_000 })],
    "[0].timestamp must be an RFC 3339",
  ],
  [
    "no zone",
    () => [event({ timestamp: "2024-03-15T10:00:00" })],
    "[0].timestamp must be an RFC 3339",
  ],
  ["a list of properties", () => [event({ properties: [1] })], "[0].properties must be an object"],
  [
    "a megabyte of properties",
    () => [event({ properties: { a: "x".repeat(1_048_576) } })],
    "[0].properties must be at most",
  ],
  [
    "a NUL in a property",
    () => [event({ properties: { a: "\0" } })],
    "[0].properties must not contain",
  ],
  ["a lone surrogate", () => '[{"transaction_id": "\\ud800"}]', "lone surrogate"],
  ["an unknown field", () => [good(), event({ colour: "red" })], "unknown field [1].colour"],
])("%s refuses the whole batch", async (_name, body, message) => {
  const before = await countStored();
  const reply = await server.send("POST", "/v1/ingest", body());
  expect([reply.status, reply.body.message]).toEqual([400, expect.stringContaining(message)]);
  expect(await countStored()).toBe(before);
});

test("unknown fields are a warning when the caller says so", async () => {
  const lenient = { "x-ignore-unknown-fields": "true" };
  const reply = await server.send("POST", "/v1/ingest", [event({ colour: "red" })], lenient);
  expect([reply.status, reply.headers.get("x-ignored-fields")]).toEqual([200, "[0].colour"]);
  expect(await total()).toBe(1);
});

test("a missing or wrong token takes nothing", async () => {
  const before = await countStored();
  for (const authorization of ["", "Bearer wrong", "Basic x"]) {
    const reply = await server.send("POST", "/v1/ingest", [event()], { authorization });
    expect(reply.status).toBe(401);
  }
  expect(await countStored()).toBe(before);
});
