import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createContract,
  createCustomer,
  createUsageProduct,
  listInvoices,
  use,
} from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

let server: TestServer;
let customerId: string;
let card: string;
let storage: string;
let calls: string;
let idle: string;

const START = "2024-01-01T00:00:00Z";

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock("2024-01-25T00:00:00Z");
  const { metronome } = server;
  const { products, rateCards } = metronome.v1.contracts;
  storage = await createUsageProduct(metronome, "storage");
  await products.update({
    product_id: storage,
    starting_at: "2024-01-16T00:00:00Z",
    name: "storage in tens",
    tags: ["tens"],
    quantity_conversion: { conversion_factor: 10, operation: "DIVIDE" },
  });
  const { data: metric } = await metronome.v1.billableMetrics.create({
    name: "calls",
    aggregation_type: "SUM",
    aggregation_key: "value",
    event_type_filter: { in_values: ["calls"] },
    property_filters: [
      { name: "value", exists: true },
      { name: "team", exists: true },
    ],
    group_keys: [["team"]],
  });
  const { data } = await products.create({
    name: "calls",
    type: "USAGE",
    billable_metric_id: metric.id,
    presentation_group_key: ["team"],
  });
  calls = data.id;
  idle = await createUsageProduct(metronome, "idle");
  const hidden = await createUsageProduct(metronome, "hidden");
  card = (await rateCards.create({ name: "Card" })).data.id;
  const rate = { rate_card_id: card, starting_at: START, rate_type: "FLAT" as const };
  await rateCards.rates.add({ ...rate, product_id: storage, price: 2, entitled: true });
  await rateCards.rates.add({ ...rate, product_id: calls, price: 10, entitled: true });
  await rateCards.rates.add({ ...rate, product_id: idle, price: 5, entitled: true });
  await rateCards.rates.add({ ...rate, product_id: hidden, price: 7, entitled: false });
  customerId = await createCustomer(metronome);
  await createContract(metronome, customerId, card, { starting_at: START });
  await use(metronome, customerId, "storage", "2024-01-10T00:00:00Z", 30);
  await use(metronome, customerId, "storage", "2024-01-20T00:00:00Z", 50);
  await use(metronome, customerId, "hidden", "2024-01-10T00:00:00Z", 100);
  const usage = [
    ["red", 3],
    ["blue", 4],
  ].map(([team, value]) => ({
    transaction_id: `calls-${team}`,
    customer_id: customerId,
    event_type: "calls",
    timestamp: "2024-01-10T00:00:00Z",
    properties: { team, value },
  }));
  await metronome.v1.usage.ingest({ usage });
});
afterAll(() => server.close());

const readLines = async (query: Record<string, unknown> = {}) => {
  const [invoice] = await listInvoices(server.metronome, customerId, query);
  const lines = invoice?.line_items.map((line) => [
    line.name,
    line.presentation_group_values?.team ?? line.product_tags?.join() ?? "",
    `${line.quantity} x ${line.unit_price} = ${line.total}`,
  ]);
  return { lines, total: invoice?.total };
};

const storageLines = [
  ["storage", "", "30 x 2 = 60"],
  ["storage in tens", "tens", "5 x 2 = 10"],
];
const callLines = [
  ["calls", "blue", "4 x 10 = 40"],
  ["calls", "red", "3 x 10 = 30"],
];

test("versions count from their date, teams have lines of their own, what is not entitled has none", async () => {
  const { lines, total } = await readLines();
  // In order of time, then of the card: the second version of storage begins on the 16th.
  expect(lines).toEqual([
    storageLines[0],
    ...callLines,
    ["idle", "", "0 x 5 = 0"],
    storageLines[1],
  ]);
  expect(total).toBe(140);
});

test("lines without quantity are left out of lists on request, and the total stays", async () => {
  const { lines, total } = await readLines({ skip_zero_qty_line_items: true });
  expect(lines).toEqual([storageLines[0], ...callLines, storageLines[1]]);
  expect(total).toBe(140);
});

test("lines follow the order of the card, set and moved", async () => {
  const { productOrders } = server.metronome.v1.contracts.rateCards;
  await productOrders.set({ rate_card_id: card, product_order: [idle, calls, storage] });
  const names = async () => (await readLines()).lines?.map(([name]) => name);
  expect(await names()).toEqual(["idle", "calls", "calls", "storage", "storage in tens"]);
  await productOrders.update({
    rate_card_id: card,
    product_moves: [{ product_id: storage, position: 1 }],
  });
  expect(await names()).toEqual(["idle", "storage", "calls", "calls", "storage in tens"]);
});
