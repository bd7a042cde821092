import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createContract,
  createCustomer,
  createFixedProduct,
  createUsageProduct,
  type Invoice,
  listInvoices,
  use,
} from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const USD = { id: "2714e483-4ff1-48e4-9e25-ac732e8f24f2", name: "USD (cents)" };

/** What a line costs, and what the card lists for it. */
const prices = ({ line_items: lines }: Invoice) =>
  lines.map(({ type, name, quantity, unit_price: price, list_price: listed }) => ({
    type,
    name,
    quantity,
    price,
    listed,
  }));

test("lines show what the card listed, which a finalized invoice keeps", async () => {
  const { metronome } = server;
  await server.setClock("2024-01-15T00:00:00Z");
  const rates = metronome.v1.contracts.rateCards.rates;
  const calls = await createUsageProduct(metronome, "calls");
  const files = await createUsageProduct(metronome, "files");
  const { data: seats } = await metronome.v1.contracts.products.create({
    name: "seats",
    type: "SUBSCRIPTION",
  });
  const { data: card } = await metronome.v1.contracts.rateCards.create({ name: "Card" });
  const listed = { rate_card_id: card.id, starting_at: "2020-01-01T00:00:00Z", entitled: true };
  await rates.add({ ...listed, product_id: calls, rate_type: "FLAT", price: 100 });
  const tiers = [{ size: 10, price: 5 }, { price: 4 }];
  await rates.add({ ...listed, product_id: files, rate_type: "TIERED", tiers });
  await rates.add({
    ...listed,
    product_id: seats.id,
    rate_type: "FLAT",
    price: 3000,
    billing_frequency: "MONTHLY",
  });
  const customerId = await createCustomer(metronome);
  await createContract(metronome, customerId, card.id, {
    starting_at: "2024-01-01T00:00:00Z",
    overrides: [
      {
        starting_at: "2024-01-01T00:00:00Z",
        type: "MULTIPLIER",
        multiplier: 0.8,
        product_id: calls,
      },
    ],
    credits: [
      {
        product_id: await createFixedProduct(metronome, "Credit"),
        name: "Gift",
        access_schedule: {
          schedule_items: [
            {
              amount: 80,
              starting_at: "2024-01-01T00:00:00Z",
              ending_before: "2025-01-01T00:00:00Z",
            },
          ],
        },
      },
    ],
    subscriptions: [
      {
        subscription_rate: { billing_frequency: "MONTHLY", product_id: seats.id },
        collection_schedule: "ARREARS",
        initial_quantity: 2,
        proration: { is_prorated: false, invoice_behavior: "BILL_ON_NEXT_COLLECTION_DATE" },
      },
    ],
  });
  await use(metronome, customerId, "calls", "2024-01-10T00:00:00Z", 3);
  await use(metronome, customerId, "files", "2024-01-10T00:00:00Z", 4);

  const flat = (price: number) => ({ rate_type: "FLAT", price, credit_type: USD });
  const fileTiers = { rate_type: "TIERED", tiers, credit_type: USD };
  const expected = [
    { type: "usage", name: "calls", quantity: 1, price: 80, listed: flat(100) },
    { type: "applied_commit_or_credit", name: "Gift applied" },
    { type: "usage", name: "calls", quantity: 2, price: 80, listed: flat(100) },
    { type: "usage", name: "files", quantity: 4, price: 5, listed: fileTiers },
    { type: "subscription", name: "seats", quantity: 2, price: 3000, listed: flat(3000) },
  ];
  const [draft] = await listInvoices(metronome, customerId, { include_list_prices: true });
  expect(prices(draft as Invoice)).toEqual(expected);
  const bare = await listInvoices(metronome, customerId);
  expect(bare[0]?.line_items.some((line) => "list_price" in line)).toBe(false);

  // A month and its grace later the card lists other prices, from the same start.
  await server.setClock("2024-02-02T00:00:00Z");
  await rates.add({ ...listed, product_id: calls, rate_type: "FLAT", price: 500 });
  await use(metronome, customerId, "calls", "2024-02-01T10:00:00Z", 1);
  const read = async (id: string) =>
    (
      await metronome.v1.customers.invoices.retrieve({
        customer_id: customerId,
        invoice_id: id,
        // The official client does not name it here, the API takes it.
        ...({ include_list_prices: true } as object),
      })
    ).data;
  const [final, next] = await listInvoices(metronome, customerId);
  const finalized = await read(final?.id ?? "");
  expect(finalized.status).toBe("FINALIZED");
  expect(prices(finalized)).toEqual(expected);
  const running = prices(await read(next?.id ?? ""));
  expect(running).toContainEqual({
    type: "usage",
    name: "calls",
    quantity: 1,
    price: 400,
    listed: flat(500),
  });
});
