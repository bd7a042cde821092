import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../support/server.ts";

const NOW = "2024-03-15T12:00:00Z";
const NOBODY = "00000000-0000-4000-8000-000000000000";
let server: TestServer;
let customerId: string;
let idle: string;
const metrics = { COUNT: "", SUM: "", MAX: "", LATEST: "", UNIQUE: "" };

/** Hour of 14 March, region, tokens, user: figures below are worked out from this table by hand. */
const EVENTS: readonly [string, string, number, string][] = [
  ["2024-03-13T23:59:59.999Z", "eu", 100, "ann"],
  ["2024-03-14T00:00:00Z", "eu", 7, "ann"],
  ["2024-03-14T00:30:00Z", "us", 9, "bob"],
  ["2024-03-14T00:30:00Z", "us", 8, "bob"],
  ["2024-03-14T02:15:00Z", "eu", -2, "bob"],
  ["2024-03-14T23:59:59.999999Z", "eu", 5, "cid"],
  ["2024-03-15T00:00:00Z", "eu", 1000, "ann"],
];

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock(NOW);
  for (const name of Object.keys(metrics) as (keyof typeof metrics)[]) {
    const metric = await server.metronome.v1.billableMetrics.create({
      name,
      aggregation_type: name,
      ...(name === "COUNT" ? {} : { aggregation_key: name === "UNIQUE" ? "user" : "tokens" }),
      property_filters: ["tokens", "user", "region"].map((key) => ({ name: key, exists: true })),
      group_keys: [["region"]],
    });
    metrics[name] = metric.data.id;
  }
  const alias = "acme@example.com";
  customerId = (
    await server.metronome.v1.customers.create({ name: "Acme", ingest_aliases: [alias] })
  ).data.id;
  idle = (await server.metronome.v1.customers.create({ name: "Idle" })).data.id;
  await server.metronome.v1.usage.ingest({
    usage: EVENTS.map(([timestamp, region, tokens, user], i) => ({
      transaction_id: `usage-${i}`,
      customer_id: i % 2 === 0 ? customerId : alias,
      event_type: "inference",
      timestamp,
      properties: { region, tokens, user },
    })),
  });
});
afterAll(() => server.close());

const march14 = { starting_on: "2024-03-14T00:00:00Z", ending_before: "2024-03-15T00:00:00Z" };

test.each<[keyof typeof metrics, number, Record<string, number>, string]>([
  ["COUNT", 5, { eu: 3, us: 2 }, "five events on the day, edges by its start"],
  ["SUM", 27, { eu: 10, us: 17 }, "7 + 9 + 8 - 2 + 5"],
  ["MAX", 9, { eu: 7, us: 9 }, "the largest, across id and alias"],
  ["LATEST", 5, { eu: 5, us: 9 }, "the newest itself, not its increase; of two at once the larger"],
  ["UNIQUE", 3, { eu: 3, us: 1 }, "ann, bob and cid; distinct counts do not add up"],
])("%s of a day is %i, apart %j, because %s", async (name, value, groups) => {
  const ask = { id: metrics[name], group_by: { key: "region" } };
  const page = await server.metronome.v1.usage.list({
    ...march14,
    window_size: "DAY",
    customer_ids: [customerId],
    billable_metrics: [ask],
  });
  expect(page.data).toEqual([
    {
      customer_id: customerId,
      billable_metric_id: metrics[name],
      billable_metric_name: name,
      start_timestamp: march14.starting_on,
      end_timestamp: march14.ending_before,
      value,
      groups,
    },
  ]);
  expect(page.hasNextPage()).toBe(false);
});

test("hours without usage are there, with null", async () => {
  const page = await server.metronome.v1.usage.list({
    window_size: "HOUR",
    starting_on: "2024-03-14T00:00:00Z",
    ending_before: "2024-03-14T04:00:00Z",
    customer_ids: [customerId],
    billable_metrics: [{ id: metrics.SUM }],
  });
  expect(page.data.map(({ start_timestamp, value }) => [start_timestamp, value])).toEqual([
    ["2024-03-14T00:00:00Z", 24],
    ["2024-03-14T01:00:00Z", null],
    ["2024-03-14T02:00:00Z", -2],
    ["2024-03-14T03:00:00Z", null],
  ]);
});

test("named group values are answered, whether they were used or not", async () => {
  const page = await server.metronome.v1.usage.list({
    ...march14,
    window_size: "NONE",
    customer_ids: [customerId],
    billable_metrics: [{ id: metrics.SUM, group_by: { key: "region", values: ["us", "mars"] } }],
  });
  expect(page.data[0]?.groups).toEqual({ us: 17, mars: null });
});

test("all customers and metrics when none are named, each once over all pages", async () => {
  const whole = await server.metronome.v1.usage.list({ ...march14, window_size: "NONE" });
  expect(whole.data.length).toBe(10);
  expect(whole.data.slice(0, 5).every(({ customer_id }) => customer_id === customerId)).toBe(true);
  expect(whole.data.slice(5).map(({ customer_id, value }) => [customer_id, value])).toEqual(
    Array.from({ length: 5 }, () => [idle, null]),
  );
  const series = new Map<string, number>();
  let pages = 0;
  const range = { starting_on: "2024-02-03T00:00:00Z", ending_before: "2024-03-16T00:00:00Z" };
  let page = await server.metronome.v1.usage.list({ ...range, window_size: "HOUR" });
  for (;;) {
    pages += 1;
    for (const row of page.data) {
      const key = `${row.customer_id} ${row.billable_metric_id}`;
      series.set(key, (series.get(key) ?? 0) + 1);
    }
    if (!page.hasNextPage()) break;
    page = await page.getNextPage();
  }
  // 42 days x 24 = 1,008 windows, so 9 series of 10,000 answers fit on a page, the tenth does not.
  expect([pages, series.size, new Set(series.values())]).toEqual([2, 10, new Set([1008])]);
});

test("the other environment sees nothing of it", async () => {
  const asking = server.production.v1.usage.list({
    ...march14,
    window_size: "NONE",
    customer_ids: [customerId],
  });
  await expect(asking).rejects.toMatchObject({ status: 404 });
  const all = await server.production.v1.usage.list({ ...march14, window_size: "NONE" });
  expect(all.data).toEqual([]);
});

test.each<[string, Record<string, unknown>, number, string]>([
  ["no window size", { window_size: undefined }, 400, "window_size is required"],
  ["an unknown size", { window_size: "WEEK" }, 400, "window_size must be one of"],
  ["off the hour", { starting_on: "2024-03-14T00:30:00Z" }, 400, "starting_on must be on the hour"],
  [
    "a day from noon",
    { starting_on: "2024-03-14T12:00:00Z" },
    400,
    "starting_on must be midnight UTC",
  ],
  ["an end at its start", { ending_before: march14.starting_on }, 400, "must be after starting_on"],
  [
    "too many windows",
    { window_size: "HOUR", starting_on: "2020-01-01T00:00:00Z" },
    400,
    "at most 10000",
  ],
  ["an unknown customer", { customer_ids: [NOBODY] }, 404, "not found"],
  ["an id that is none", { customer_ids: ["acme"] }, 400, "customer_ids[0] must be a uuid"],
  ["an unknown metric", { billable_metrics: [{ id: NOBODY }] }, 404, "not found"],
  ["an unknown field", { colour: "red" }, 400, "unknown field colour"],
])("%s is refused", async (_name, change, status, message) => {
  const body = { window_size: "DAY", ...march14, ...change };
  const reply = await server.send("POST", "/v1/usage", body);
  expect([reply.status, reply.body.message]).toEqual([status, expect.stringContaining(message)]);
});

test("a group key must be one of the metric's, a metric is named once, a token is ours", async () => {
  const ask = (billable_metrics: unknown, query = "") =>
    server.send("POST", `/v1/usage${query}`, { window_size: "NONE", ...march14, billable_metrics });
  const wrongKey = await ask([{ id: metrics.SUM, group_by: { key: "user" } }]);
  expect([wrongKey.status, wrongKey.body.message]).toEqual([
    400,
    expect.stringContaining("'user'"),
  ]);
  expect((await ask([{ id: metrics.SUM }, { id: metrics.SUM }])).status).toBe(400);
  expect((await ask([{ id: metrics.SUM }], "?next_page=zzz")).status).toBe(400);
});
