import type Metronome from "@metronome/sdk";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  createContract,
  createCustomer,
  createFixedProduct,
  createRateCard,
  createUsageProduct,
  type Invoice,
  listInvoices,
  type NewContract,
  showLine,
  use,
} from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/**
 * What events would make of drafts. Today is February 10, 2024, noon; prices are in cents. Every
 * contract is from February 1 on, so that it has a draft of February.
 */
const NOBODY = "6a0bd4f5-9a4a-4f3e-8a70-2f6d5f1f3b11";
const TODAY = "2024-02-10T12:00:00Z";

type Event = Metronome.V1.CustomerPreviewEventsParams["events"][number];
type Options = Partial<Metronome.V1.CustomerPreviewEventsParams>;
type Aggregation = "COUNT" | "LATEST" | "MAX" | "UNIQUE";

let server: TestServer;
let metronome: Metronome;
let card: string;
let fixed: string;
let customer: string;

beforeAll(async () => {
  server = await startTestServer();
  ({ metronome } = server);
  await server.setClock(TODAY);
  fixed = await createFixedProduct(metronome, "Onboarding");
  const prices: [string, number][] = [[await createUsageProduct(metronome, "tokens"), 100]];
  for (const aggregation of ["COUNT", "LATEST", "MAX", "UNIQUE"] as const) {
    prices.push([await createProduct(aggregation), 10]);
  }
  card = await createRateCard(metronome, prices);
});
afterAll(() => server.close());
beforeEach(async () => {
  customer = await createCustomer(metronome);
});

async function createProduct(aggregation: Aggregation): Promise<string> {
  const { data: metric } = await metronome.v1.billableMetrics.create({
    name: aggregation,
    aggregation_type: aggregation,
    ...(aggregation === "COUNT" ? {} : { aggregation_key: "value" }),
    event_type_filter: { in_values: [aggregation] },
    property_filters: [{ name: "value", exists: true }],
  });
  const { data } = await metronome.v1.contracts.products.create({
    name: aggregation,
    type: "USAGE",
    billable_metric_id: metric.id,
  });
  return data.id;
}

const sign = async (terms: Partial<NewContract> = {}): Promise<void> => {
  await createContract(metronome, customer, card, {
    starting_at: "2024-02-01T00:00:00Z",
    ...terms,
  });
  await server.setClock(TODAY);
};

const event = (
  event_type: string,
  value: unknown,
  timestamp = "2024-02-05T10:00:00Z",
  rest: Partial<Event> = {},
): Event => ({ event_type, timestamp, properties: { value }, ...rest });

const shown = ({ type, status, line_items: lines, total }: Invoice) =>
  `${type} ${status}: ${lines.map(showLine).join(", ")}; ${total}`;

async function preview(events: readonly Event[], options: Options = {}): Promise<string[]> {
  const { data } = await metronome.v1.customers.previewEvents({
    customer_id: customer,
    events: [...events],
    skip_zero_qty_line_items: true,
    ...options,
  });
  return data.map(shown);
}

const merge = (events: readonly Event[]) => preview(events, { mode: "merge" });
const drafts = async () =>
  (await listInvoices(metronome, customer, { skip_zero_qty_line_items: true })).map(shown);

test("events in place of what was used, and on top of it; nothing is stored", async () => {
  await use(metronome, customer, "tokens", "2024-02-02T10:00:00Z", 3);
  await sign({
    commits: [
      {
        type: "PREPAID",
        product_id: fixed,
        name: "Balance",
        access_schedule: {
          schedule_items: [
            {
              amount: 400,
              starting_at: "2024-02-01T00:00:00Z",
              ending_before: "2024-03-01T00:00:00Z",
            },
          ],
        },
      },
    ],
  });
  const before = await drafts();
  expect(before).toEqual(["USAGE DRAFT: tokens: 3 x 100 = 300, Balance applied = -300; 0"]);
  const events = [event("tokens", 2), event("tokens", "0.5"), event("other", 9)];
  // 2 + 0.5, all of it paid by the 400.
  const alone = ["USAGE DRAFT: tokens: 2.5 x 100 = 250, Balance applied = -250; 0"];
  expect(await preview(events)).toEqual(alone);
  expect(await preview(events, { mode: "replace" })).toEqual(alone);
  // 3 + 2.5; the 400 pay for 4 of them.
  expect(await merge(events)).toEqual([
    "USAGE DRAFT: tokens: 4 x 100 = 400, Balance applied = -400, tokens: 1.5 x 100 = 150; 150",
  ]);
  expect(await drafts()).toEqual(before);
  const { rows } = await sql<{ stored: bigint }>`
    select count(*) as stored from usage_events where customer_ref = ${customer}`.execute(
    server.db,
  );
  expect(rows[0]?.stored).toBe(1n);
});

describe("each aggregation, merged with what was used", () => {
  test.each<[Aggregation, number[], Event[], string[], string]>([
    ["COUNT", [1, 1], [event("COUNT", 5)], ["COUNT: 3 x 10 = 30; 30"], "2 events and 1"],
    ["MAX", [5, 3], [event("MAX", 4)], ["MAX: 5 x 10 = 50; 50"], "4 is not above 5"],
    ["MAX", [5, 3], [event("MAX", 7)], ["MAX: 7 x 10 = 70; 70"], "7 is"],
    [
      "LATEST",
      [7, 9],
      [event("LATEST", 2)],
      ["LATEST: 2 x 10 = 20; 20"],
      "the 5th is the last day",
    ],
    [
      "LATEST",
      [7, 9],
      [event("LATEST", 2, "2024-02-01T12:00:00Z")],
      ["LATEST: 9 x 10 = 90; 90"],
      "the 1st is not",
    ],
    ["UNIQUE", [1, 2], [event("UNIQUE", 2)], ["UNIQUE: 2 x 10 = 20; 20"], "2 was seen"],
    [
      "UNIQUE",
      [1, 2],
      [event("UNIQUE", 3), event("UNIQUE", 3), event("UNIQUE", 4)],
      ["UNIQUE: 4 x 10 = 40; 40"],
      "3 and 4 are new",
    ],
  ])("%s of %j", async (aggregation, used, events, expected, _reason) => {
    for (const [n, value] of used.entries()) {
      await use(metronome, customer, aggregation, `2024-02-0${n + 1}T10:00:00Z`, value);
    }
    await sign();
    expect(await merge(events)).toEqual(expected.map((text) => `USAGE DRAFT: ${text}`));
  });

  test("distinct values in place of others", async () => {
    await use(metronome, customer, "UNIQUE", "2024-02-01T10:00:00Z", 1);
    await use(metronome, customer, "UNIQUE", "2024-02-01T10:00:00Z", 2);
    await sign();
    // 1 alone, sent twice: as text and as a number it is one value.
    expect(await preview([event("UNIQUE", 1), event("UNIQUE", "1")])).toEqual([
      "USAGE DRAFT: UNIQUE: 1 x 10 = 10; 10",
    ]);
  });
});

test("what is previewed is what comes of sending it", async () => {
  const used = [event("tokens", "1.25"), event("COUNT", 1), event("MAX", 4), event("UNIQUE", "a")];
  const more = [
    event("tokens", 0.1, "2024-02-06T10:00:00Z"),
    event("COUNT", 1, "2024-02-06T10:00:00Z"),
    event("MAX", 9, "2024-02-04T10:00:00Z"),
    event("MAX", 3, "2024-02-05T10:30:00Z"),
    event("UNIQUE", "a", "2024-02-09T10:00:00Z"),
    event("UNIQUE", "b", "2024-02-09T10:00:00Z"),
    event("LATEST", -2, "2024-02-05T10:59:59Z"),
    event("LATEST", 6, "2024-02-05T10:59:58Z"),
  ];
  const send = (events: readonly Event[], batch: string) =>
    metronome.v1.usage.ingest({
      usage: events.map(({ event_type, timestamp = TODAY, properties = {} }, n) => ({
        transaction_id: `${customer}/${batch}/${n}`,
        customer_id: customer,
        event_type,
        timestamp,
        properties,
      })),
    });
  await send(used, "used");
  await sign();
  const previewed = await merge(more);
  await send(more, "more");
  expect(previewed).toEqual(await drafts());
  // By hand: 1.35 x 100, 2 x 10, the highest is 9, the last reading -2, a and b.
  expect(previewed).toEqual([
    "USAGE DRAFT: tokens: 1.35 x 100 = 135, COUNT: 2 x 10 = 20, LATEST: -2 x 10 = -20, MAX: 9 x 10 = 90, UNIQUE: 2 x 10 = 20; 245",
  ]);
});

test("an event that was counted adds nothing to what is there", async () => {
  await metronome.v1.usage.ingest({
    usage: [
      {
        transaction_id: "counted",
        customer_id: customer,
        event_type: "tokens",
        timestamp: "2024-02-02T10:00:00Z",
        properties: { value: 3 },
      },
    ],
  });
  await sign();
  const again = event("tokens", 3, "2024-02-02T10:00:00Z", { transaction_id: "counted" });
  const fresh = event("tokens", 1, "2024-02-02T10:00:00Z", { transaction_id: "fresh" });
  expect(await merge([again, fresh])).toEqual(["USAGE DRAFT: tokens: 4 x 100 = 400; 400"]);
  expect(await merge([again])).toEqual(["USAGE DRAFT: tokens: 3 x 100 = 300; 300"]);
  // In place of what is there it is one event.
  expect(await preview([again])).toEqual(["USAGE DRAFT: tokens: 3 x 100 = 300; 300"]);
  // And it was not stored by being previewed.
  expect(await merge([fresh])).toEqual(["USAGE DRAFT: tokens: 4 x 100 = 400; 400"]);
});

test("an event without a time is of now, and one outside of the draft is not on it", async () => {
  await sign();
  expect(await preview([{ event_type: "tokens", properties: { value: 2 } }])).toEqual([
    "USAGE DRAFT: tokens: 2 x 100 = 200; 200",
  ]);
  const { data } = await metronome.v1.customers.previewEvents({
    customer_id: customer,
    events: [
      event("tokens", 2, "2024-01-31T23:59:59Z"),
      event("tokens", 2, "2024-03-01T00:00:00Z"),
    ],
  });
  // Every product of the card shows that nothing of it was used.
  expect(data[0]?.line_items.map(({ quantity }) => quantity)).toEqual([0, 0, 0, 0, 0]);
});

test("a customer without drafts has none, and every draft is there", async () => {
  expect(await preview([event("tokens", 1)])).toEqual([]);
  await sign({
    scheduled_charges: [
      {
        product_id: fixed,
        schedule: {
          schedule_items: [{ timestamp: "2024-02-20T00:00:00Z", unit_price: 700, quantity: 1 }],
        },
      },
    ],
  });
  expect((await merge([event("tokens", 1)])).toSorted()).toEqual([
    "SCHEDULED DRAFT: Onboarding: 1 x 700 = 700; 700",
    "USAGE DRAFT: tokens: 1 x 100 = 100; 100",
  ]);
});

test("bad input is refused by name", async () => {
  const post = async (body: unknown, id = customer) => {
    const reply = await server.send("POST", `/v1/customers/${id}/previewEvents`, body);
    return `${reply.status} ${reply.body.message}`;
  };
  const one = { event_type: "tokens" };
  expect(await post({})).toMatch(/^400 events is required/);
  expect(await post({ events: [] })).toMatch(/^400 events /);
  expect(await post({ events: Array.from({ length: 101 }, () => one) })).toMatch(/^400 events /);
  expect(await post({ events: [one], mode: "add" })).toMatch(/^400 mode must be one of/);
  expect(await post({ events: [{}] })).toMatch(/^400 events\[0\].event_type is required/);
  expect(await post({ events: [one, { ...one, timestamp: "yesterday" }] })).toMatch(
    /^400 events\[1\].timestamp must be/,
  );
  expect(await post({ events: [{ ...one, transaction_id: "x".repeat(129) }] })).toMatch(
    /^400 events\[0\].transaction_id /,
  );
  const twice = { ...one, transaction_id: "a" };
  expect(await post({ events: [twice, one, twice] })).toBe(
    "400 events[2].transaction_id is that of an earlier event of the request",
  );
  expect(await post({ events: [{ ...one, customer_id: customer }] })).toMatch(
    /^400 unknown field events\[0\].customer_id/,
  );
  expect(await post({ events: [one] }, NOBODY)).toMatch(/^404 /);
});
