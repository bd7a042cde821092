import type Metronome from "@metronome/sdk";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createContract,
  createCustomer,
  createFixedProduct,
  createRateCard,
  createUsageProduct,
  listInvoices,
  use,
} from "../support/billing.ts";
import { BILLED_FROM_FEBRUARY, importJanuary } from "../support/import-january.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/**
 * From an amount down to its events. Tokens are priced by region and shown by model; Acme sends under
 * its id and under an alias. January is billed; the clock stands on the 25th.
 */
const NOBODY = "6a0bd4f5-9a4a-4f3e-8a70-2f6d5f1f3b11";
const ALIAS = "billing@acme.test";
const JANUARY = { starting_at: "2024-01-01T00:00:00Z", ending_before: "2024-02-01T00:00:00Z" };
const BURST = "2024-01-10T00:00:00Z";

interface EventView {
  readonly transaction_id: string;
  readonly timestamp: string;
  readonly value: number | string;
  readonly after_finalization?: true;
  readonly [name: string]: unknown;
}
interface EventsReply {
  readonly data: readonly EventView[];
  readonly windows: readonly Record<string, unknown>[];
  readonly event_count: number | null;
  readonly reason?: string;
  readonly next_page: string | null;
}

let server: TestServer;
let metronome: Metronome;
let customer: string;
let invoice: string;

type NewEvent = Metronome.V1.UsageIngestParams.Usage;
const tokens = (
  id: string,
  customerId: string,
  timestamp: string,
  properties: object,
): NewEvent => ({
  transaction_id: id,
  customer_id: customerId,
  event_type: "tokens",
  timestamp,
  properties: { region: "eu", model: "a", ...properties },
});

async function createTokens(): Promise<string> {
  const { data: metric } = await metronome.v1.billableMetrics.create({
    name: "tokens",
    aggregation_type: "SUM",
    aggregation_key: "value",
    event_type_filter: { in_values: ["tokens"] },
    property_filters: ["value", "region", "model"].map((name) => ({ name, exists: true })),
    group_keys: [["region", "model"]],
  });
  const { data: product } = await metronome.v1.contracts.products.create({
    name: "tokens",
    type: "USAGE",
    billable_metric_id: metric.id,
    pricing_group_key: ["region"],
    presentation_group_key: ["model"],
  });
  return product.id;
}

beforeAll(async () => {
  server = await startTestServer();
  ({ metronome } = server);
  await server.setClock("2024-01-25T00:00:00Z");
  const product = await createTokens();
  const { data: card } = await metronome.v1.contracts.rateCards.create({ name: "By region" });
  for (const [region, price] of [
    ["eu", 100],
    ["us", 200],
  ] as const) {
    await metronome.v1.contracts.rateCards.rates.add({
      rate_card_id: card.id,
      product_id: product,
      starting_at: "2020-01-01T00:00:00Z",
      entitled: true,
      rate_type: "FLAT",
      price,
      pricing_group_values: { region },
    });
  }
  const acme = { name: "Acme", ingest_aliases: [ALIAS] };
  customer = (await metronome.v1.customers.create(acme)).data.id;
  const other = await createCustomer(metronome, "Other");
  await metronome.v1.usage.ingest({
    usage: [
      tokens("burst-1", customer, BURST, { value: 4 }),
      tokens("burst-2", ALIAS, BURST, { value: "3" }),
      tokens("burst-3", customer, BURST, { value: 2.5 }),
      tokens("later", ALIAS, "2024-01-20T06:30:00Z", { value: 1 }),
      tokens("other-model", customer, "2024-01-12T00:00:00Z", { model: "b", value: 50 }),
      tokens("other-region", customer, "2024-01-12T00:00:00Z", { region: "us", value: 60 }),
      tokens("no-number", customer, "2024-01-12T00:00:00Z", { value: "many" }),
      tokens("december", customer, "2023-12-31T23:59:59.999999Z", { value: 70 }),
      tokens("of-another", other, BURST, { value: 80 }),
      { ...tokens("other-type", customer, BURST, { value: 90 }), event_type: "calls" },
    ],
  });
  // The alias may be a customer's in the other environment as well; its events stay there.
  await server.production.v1.customers.create(acme);
  const now = new Date().toISOString();
  await server.production.v1.usage.ingest({ usage: [tokens("burst-1", ALIAS, now, { value: 5 })] });
  await createContract(metronome, customer, card.id, JANUARY);
  invoice = (await listInvoices(metronome, customer))[0]?.id ?? "";
});
afterAll(() => server.close());

interface Step {
  readonly step: string;
  readonly events_url?: string;
}
interface Line {
  readonly line_key: string;
  readonly name: string;
  readonly type: string;
  readonly total: number;
  readonly steps: readonly Step[];
}

async function linesOf(id = invoice): Promise<readonly Line[]> {
  const { status, body } = await server.send("GET", `/v1/invoices/${id}/explain`);
  expect(status, body.message).toBe(200);
  return body.data.line_items;
}

const lineKey = async (total: number): Promise<string> =>
  (await linesOf()).find((line) => line.total === total)?.line_key ?? "no such line";

async function eventsOf(key: string, query = "", id = invoice): Promise<EventsReply> {
  const path = `/v1/invoices/${id}/events?line_key=${encodeURIComponent(key)}${query}`;
  const { status, body } = await server.send("GET", path);
  expect(status, body.message).toBe(200);
  return body;
}

/** Every page from the first on, one after the other. */
async function allPages(key: string, query: string, id = invoice): Promise<EventsReply[]> {
  const pages = [await eventsOf(key, query, id)];
  for (let next = pages[0]?.next_page; next; next = pages.at(-1)?.next_page) {
    pages.push(await eventsOf(key, `${query}&next_page=${next}`, id));
  }
  return pages;
}

const idsOf = (pages: readonly EventsReply[]) =>
  pages.flatMap(({ data }) => data.map((event) => event.transaction_id));

describe("the events of a line", () => {
  test("are those of the customer's id and aliases, of the line's groups, in its window", async () => {
    // eu, model a: 4 + 3 + 2.5 + 1 = 10.5 at 100.
    const reply = await eventsOf(await lineKey(1050));
    expect(reply.data.map(({ value }) => value).sort()).toEqual([1, 2.5, 3, 4]);
    expect(reply.data[3]).toEqual({
      transaction_id: "later",
      timestamp: "2024-01-20T06:30:00Z",
      event_type: "tokens",
      properties: { region: "eu", model: "a", value: 1 },
      received_at: "2024-01-25T00:00:00Z",
      value: 1,
    });
    expect(reply.data.find(({ value }) => value === 3)?.properties).toEqual({
      region: "eu",
      model: "a",
      value: "3",
    });
    expect([reply.event_count, reply.next_page, reply.reason]).toEqual([4, null, undefined]);
    // eu, model b: 50 at 100. us: 60 at 200.
    expect(idsOf([await eventsOf(await lineKey(5000))])).toEqual(["other-model"]);
    expect(idsOf([await eventsOf(await lineKey(12_000))])).toEqual(["other-region"]);
  });

  test("are counted by day, or by hour", async () => {
    const key = await lineKey(1050);
    const byDay = await eventsOf(key);
    expect(byDay.windows).toEqual([
      { starting_at: BURST, ending_before: "2024-01-11T00:00:00Z", event_count: 3, value: 9.5 },
      {
        starting_at: "2024-01-20T00:00:00Z",
        ending_before: "2024-01-21T00:00:00Z",
        event_count: 1,
        value: 1,
      },
    ]);
    const { windows } = await eventsOf(key, "&window_size=hour");
    expect(windows.map((window) => window.starting_at)).toEqual([BURST, "2024-01-20T06:00:00Z"]);
  });

  test("page by page each comes once, also those of one instant", async () => {
    const key = await lineKey(1050);
    const whole = await eventsOf(key);
    const pages = await allPages(key, "&limit=1");
    expect(idsOf(pages)).toEqual(idsOf([whole]));
    expect(pages).toHaveLength(4);
    expect(idsOf(await allPages(key, "&limit=3"))).toEqual(idsOf([whole]));
  });

  test("explain says where they are", async () => {
    const line = (await linesOf()).find(({ total }) => total === 1050);
    const url = line?.steps.find(({ step }) => step === "usage")?.events_url ?? "";
    expect(url.startsWith(`${server.url}/v1/invoices/${invoice}/events?line_key=`)).toBe(true);
    const { body } = await server.send("GET", url.slice(server.url.length));
    expect(body.event_count).toBe(4);
  });
});

test("what came after the invoice was final says so", async () => {
  const key = await lineKey(1050);
  await server.setClock("2024-02-03T00:00:00Z");
  const before = await eventsOf(key);
  expect(before.data.filter((event) => event.after_finalization)).toEqual([]);
  const late = tokens("late", ALIAS, "2024-01-15T00:00:00Z", { value: 10 });
  await metronome.v1.usage.ingest({ usage: [late] });
  const after = await eventsOf(key);
  expect(after.event_count).toBe(5);
  expect(
    after.data.map((event) => [event.transaction_id, event.after_finalization]).slice(3),
  ).toEqual([
    ["late", true],
    ["later", undefined],
  ]);
});

test("a page looks at so many events and no more, and goes on", async () => {
  const idle = await createCustomer(metronome, "Noisy");
  const product = await createUsageProduct(metronome, "rare");
  const card = await createRateCard(metronome, [[product, 100]]);
  await use(metronome, idle, "rare", "2024-02-01T00:59:59Z", 7);
  await createContract(metronome, idle, card, {
    starting_at: "2024-02-01T00:00:00Z",
    ending_before: "2024-03-01T00:00:00Z",
  });
  // In the same hour and before it, 30,000 events that are of no interest to the metric.
  await sql`insert into usage_events (environment_id, key, transaction_id, customer_ref, event_type,
      event_at, properties, received_at)
    select environment_id, md5('noise' || n)::uuid, 'noise' || n, customer_ref, 'noise',
      '2024-02-01T00:10:00Z'::timestamptz + n * interval '1 millisecond', '{}', received_at
    from usage_events, generate_series(1, 30000) n
    where customer_ref = ${idle}`.execute(server.db);
  const [draft] = await listInvoices(metronome, idle);
  const [line] = await linesOf(draft?.id);
  const pages = await allPages(line?.line_key ?? "", "&limit=5", draft?.id);
  expect(pages.map(({ data }) => data.length)).toEqual([0, 1]);
  expect(pages.map((page) => page.event_count)).toEqual([1, 1]);
});

describe("by aggregation", () => {
  const DAY_1 = "2024-02-01T00:00:00Z";
  const DAY_2 = "2024-02-02T00:00:00Z";
  const DAY_3 = "2024-02-03T00:00:00Z";
  const readings = [
    ["2024-02-01T01:00:00Z", 5],
    ["2024-02-01T02:00:00Z", 9],
    ["2024-02-01T03:00:00Z", 9],
    ["2024-02-02T01:00:00Z", 7],
  ] as const;

  test.each([
    ["COUNT", [1, 1, 1, 1], [3, 1], 4, "each event is one"],
    ["MAX", [5, 9, 9, 7], [9, 7], 4, "each day's own maximum"],
    ["LATEST", [5, 9, 9, 7], [9, 7], 4, "each day's last reading"],
    ["UNIQUE", ["5", "9", "9", "7"], [2, 1], null, "distinct texts, whose events are not counted"],
  ] as const)("%s: %j, by day %j of %j events: %s", async (type, values, byDay, count, _why) => {
    const name = `reading ${type}`;
    const product = await createUsageProduct(metronome, name, type);
    const reader = await createCustomer(metronome, name);
    for (const [at, value] of readings) await use(metronome, reader, name, at, value);
    await createContract(metronome, reader, await createRateCard(metronome, [[product, 1]]), {
      starting_at: DAY_1,
      ending_before: "2024-03-01T00:00:00Z",
    });
    const [draft] = await listInvoices(metronome, reader);
    const [line] = await linesOf(draft?.id);
    const reply = await eventsOf(line?.line_key ?? "", "", draft?.id);
    expect(reply.data.map(({ value }) => value)).toEqual(values);
    expect(reply.event_count).toBe(count);
    const windows = reply.windows.map((w) => [w.starting_at, w.ending_before, w.value]);
    expect(windows).toEqual([
      [DAY_1, DAY_2, byDay[0]],
      [DAY_2, DAY_3, byDay[1]],
    ]);
  });
});

describe("a line without events says why", () => {
  const reasonOf = async (id: string, line: Line | undefined) => {
    const reply = await eventsOf(line?.line_key ?? "", "", id);
    const { data, windows, event_count, next_page } = reply;
    expect({ data, windows, event_count, next_page }).toEqual({
      data: [],
      windows: [],
      event_count: 0,
      next_page: null,
    });
    expect(line?.steps.some((step) => step.events_url !== undefined)).toBe(false);
    return reply.reason;
  };

  test("an imported one", async () => {
    const product = await createUsageProduct(metronome, "moved");
    const owner = await createCustomer(metronome, "Imported");
    const card = await createRateCard(metronome, [[product, 1]]);
    const contract = await createContract(metronome, owner, card, BILLED_FROM_FEBRUARY);
    const { data } = await importJanuary(metronome, { customer: owner, contract, product }, 2);
    const id = data[0]?.id ?? "";
    const [line] = await linesOf(id);
    expect(await reasonOf(id, line)).toMatch(/^An imported invoice states the quantity/);
  });

  test("what a balance pays, what was not used, and what is missing to a minimum", async () => {
    const name = "small";
    const product = await createUsageProduct(metronome, name);
    const payer = await createCustomer(metronome, "Pays ahead");
    await use(metronome, payer, name, "2024-02-02T00:00:00Z", 3);
    const { data: card } = await metronome.v1.contracts.rateCards.create({ name: "Minimum" });
    const idle = await createUsageProduct(metronome, "idle");
    for (const terms of [{ product_id: product, minimum_amount: 100 }, { product_id: idle }]) {
      // The official client passes on the field that it does not know.
      await metronome.v1.contracts.rateCards.rates.add({
        rate_card_id: card.id,
        starting_at: "2020-01-01T00:00:00Z",
        entitled: true,
        rate_type: "FLAT",
        price: 10,
        ...terms,
      });
    }
    await createContract(metronome, payer, card.id, {
      starting_at: "2024-02-01T00:00:00Z",
      ending_before: "2024-03-01T00:00:00Z",
      credits: [
        {
          product_id: await createFixedProduct(metronome, "Gift"),
          access_schedule: {
            schedule_items: [
              {
                amount: 30,
                starting_at: "2024-02-01T00:00:00Z",
                ending_before: "2024-03-01T00:00:00Z",
              },
            ],
          },
        },
      ],
    });
    const [draft] = await listInvoices(metronome, payer);
    const id = draft?.id ?? "";
    const lines = await linesOf(id);
    const pays = lines.find(({ type }) => type === "applied_commit_or_credit");
    expect(await reasonOf(id, pays)).toMatch(/^The line pays for another one/);
    // 3 x 10 = 30 are used, 70 are missing to 100, and the credit pays 30 of these.
    const missing = lines.find(({ total }) => total === 40);
    expect(await reasonOf(id, missing)).toMatch(/^The line is what was missing/);
    const unused = lines.find((line) => line.name === "idle");
    expect(await reasonOf(id, unused)).toMatch(/^Nothing was metered/);
  });

  test("a charge on a schedule", async () => {
    const payer = await createCustomer(metronome, "Pays a fee");
    const fee = await createFixedProduct(metronome, "Fee");
    await metronome.v1.contracts.create({
      customer_id: payer,
      starting_at: "2024-02-01T00:00:00Z",
      scheduled_charges: [
        {
          product_id: fee,
          schedule: { schedule_items: [{ timestamp: "2024-02-10T00:00:00Z", amount: 5 }] },
        },
      ],
    });
    const [draft] = await listInvoices(metronome, payer);
    const [line] = await linesOf(draft?.id);
    expect(await reasonOf(draft?.id ?? "", line)).toMatch(/^The line was scheduled/);
  });
});

describe("what cannot be answered", () => {
  test.each([
    ["", "line_key"],
    ["line_key=", "line_key"],
    ["line_key=x&limit=0", "limit"],
    ["line_key=x&limit=1001", "limit"],
    ["line_key=x&limit=many", "limit"],
    ["line_key=x&next_page=nonsense", "next_page"],
    [
      `line_key=x&next_page=${Buffer.from("e:2024-99-01T00:00:00Z/0").toString("base64url")}`,
      "next_page",
    ],
    ["line_key=x&window_size=WEEK", "window_size"],
    ["line_key=x&sort=date_asc", "sort"],
  ])("?%s: a 400 that names %s", async (query, field) => {
    const { status, body } = await server.send("GET", `/v1/invoices/${invoice}/events?${query}`);
    expect([status, body.message]).toEqual([400, expect.stringContaining(field)]);
  });

  test("an unknown invoice or line, an invoice of the other environment", async () => {
    const path = (id: string) => `/v1/invoices/${id}/events?line_key=x`;
    expect((await server.send("GET", path(NOBODY))).status).toBe(404);
    const { status, body } = await server.send("GET", path(invoice));
    expect([status, body.message]).toEqual([404, "Invoice line x not found"]);
    const authorization = `Bearer ${server.productionToken}`;
    const key = encodeURIComponent((await linesOf())[0]?.line_key ?? "");
    const foreign = `/v1/invoices/${invoice}/events?line_key=${key}`;
    expect((await server.send("GET", foreign, undefined, { authorization })).status).toBe(404);
  });

  test("a token from before the line's window starts at the window", async () => {
    const token = Buffer.from(`e:2023-01-01T00:00:00Z/${"0".repeat(32)}`).toString("base64url");
    const key = await lineKey(1050);
    const fromToken = await eventsOf(key, `&next_page=${token}`);
    expect(fromToken.data).toEqual((await eventsOf(key)).data);
  });
});
