import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createCustomer,
  createFixedProduct,
  createRateCard,
  createUsageProduct,
  listInvoices,
  showLine,
  use,
} from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/*
 * One contract with most of what a negotiated one has, over two months and a renewal, so that the
 * parts are seen to agree with each other. Every figure is worked out by hand in the comments.
 */
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
  await server.setClock("2024-01-01T00:00:00Z");
});
afterAll(() => server.close());

const USD = "2714e483-4ff1-48e4-9e25-ac732e8f24f2";

async function shown(customerId: string): Promise<string[]> {
  const invoices = await listInvoices(server.metronome, customerId);
  return invoices
    .map(({ type, status, total, start_timestamp: from, issued_at: at, line_items }) =>
      [
        `${type} ${(from ?? at ?? "").slice(0, 10)} ${status} = ${total}`,
        ...line_items.map(showLine),
      ].join("; "),
    )
    .toSorted();
}

test("a ramp, seats with credits for each, a prepaid commit and its renewal agree", async () => {
  const { metronome } = server;
  const calls = await createUsageProduct(metronome, "Calls");
  const pool = await createFixedProduct(metronome, "Pool");
  const { data: seats } = await metronome.v1.contracts.products.create({
    name: "Seats",
    type: "SUBSCRIPTION",
  });
  const rate_card_id = await createRateCard(metronome, [[calls, 10]]);
  await metronome.v1.contracts.rateCards.rates.add({
    rate_card_id,
    product_id: seats.id,
    starting_at: "2020-01-01T00:00:00Z",
    entitled: true,
    rate_type: "FLAT",
    price: 3000,
    billing_frequency: "MONTHLY",
  });
  const customer_id = await createCustomer(metronome);
  const { data: contract } = await metronome.v1.contracts.create({
    customer_id,
    rate_card_id,
    starting_at: "2024-01-01T00:00:00Z",
    overrides: [
      {
        product_id: calls,
        starting_at: "2024-02-01T00:00:00Z",
        type: "MULTIPLIER",
        multiplier: 0.9,
      },
    ],
    subscriptions: [
      {
        temporary_id: "seats",
        subscription_rate: { billing_frequency: "MONTHLY", product_id: seats.id },
        collection_schedule: "ADVANCE",
        proration: { is_prorated: true, invoice_behavior: "BILL_IMMEDIATELY" },
        initial_quantity: 5,
      },
    ],
    recurring_credits: [
      {
        product_id: pool,
        name: "Seat credit",
        priority: 1,
        starting_at: "2024-01-01T00:00:00Z",
        access_amount: { unit_price: 100, credit_type_id: USD },
        commit_duration: { value: 1, unit: "PERIODS" },
        applicable_product_ids: [calls],
        subscription_config: {
          subscription_id: "seats",
          allocation: "POOLED",
          apply_seat_increase_config: { is_prorated: true },
        },
      },
    ],
    commits: [
      {
        type: "PREPAID",
        product_id: pool,
        name: "Prepaid",
        priority: 100,
        rollover_fraction: 0.5,
        applicable_product_ids: [calls],
        access_schedule: {
          schedule_items: [
            {
              amount: 10_000,
              starting_at: "2024-01-01T00:00:00Z",
              ending_before: "2024-07-01T00:00:00Z",
            },
          ],
        },
        invoice_schedule: { schedule_items: [{ amount: 8000, timestamp: "2024-01-01T00:00:00Z" }] },
      },
    ],
  });

  // On January 16 two seats come: 2 x 3,000 x 16/31 = 3,096.774193548387, credit 2 x 100 x 16/31.
  await server.setClock("2024-01-16T00:00:00Z");
  await use(metronome, customer_id, "Calls", "2024-01-10T00:00:00Z", 400);
  const { data: read } = await metronome.v2.contracts.retrieve({
    customer_id,
    contract_id: contract.id,
  });
  await metronome.v2.contracts.edit({
    customer_id,
    contract_id: contract.id,
    update_subscriptions: [
      {
        subscription_id: read.subscriptions?.[0]?.id ?? "",
        quantity_updates: [{ quantity: 7, starting_at: "2024-01-16T00:00:00Z" }],
      },
    ],
  });
  await server.setClock("2024-02-02T00:00:00Z");
  expect((await shown(customer_id)).filter((line) => line.includes("FINALIZED"))).toEqual([
    "SCHEDULED 2024-01-01 FINALIZED = 23000; Seats: 5 x 3000 = 15000; Prepaid: 1 x 8000 = 8000",
    "SCHEDULED 2024-01-16 FINALIZED = 3096.774193548387; Seats: 2 x 1548.387096774194 = 3096.774193548387",
    // 4,000 of calls: the credit pays 603.225806451613 of them, the commit the rest; quantities of
    // split lines keep 12 decimals. And February's seats.
    "USAGE 2024-01-01 FINALIZED = 21000; Calls: 60.322580645161 x 10 = 603.225806451613; " +
      "Calls: 339.677419354839 x 10 = 3396.774193548387; Seat credit applied = -603.225806451613; " +
      "Prepaid applied = -3396.774193548387; Seats: 7 x 3000 = 21000",
  ]);

  // The contract that follows on March 1 takes over half of the grant at most.
  await server.setClock("2024-02-10T00:00:00Z");
  await use(metronome, customer_id, "Calls", "2024-02-10T00:00:00Z", 500);
  await metronome.v1.contracts.create({
    customer_id,
    rate_card_id,
    starting_at: "2024-03-01T00:00:00Z",
    transition: { type: "RENEWAL", from_contract_id: contract.id },
  });
  await server.setClock("2024-03-02T00:00:00Z");
  await use(metronome, customer_id, "Calls", "2024-03-01T12:00:00Z", 300);
  const after = await shown(customer_id);
  // 500 x 9 = 4,500: the credit of seven seats pays 700, the commit 3,800 of its 6,603.225806451613.
  expect(after).toContain(
    "USAGE 2024-02-01 FINALIZED = 0; Calls: 77.777777777778 x 9 = 700; " +
      "Calls: 422.222222222222 x 9 = 3800; Seat credit applied = -700; Prepaid applied = -3800",
  );
  // 2,803.225806451613 are left and roll over: 300 x 10 = 3,000 leave 196.774193548387 to pay.
  expect(after).toContain(
    "USAGE 2024-03-01 DRAFT = 196.774193548387; Calls: 280.322580645161 x 10 = 2803.225806451613; " +
      "Prepaid applied = -2803.225806451613; Calls: 19.677419354839 x 10 = 196.774193548387",
  );
});
