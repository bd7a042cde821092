import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createContract,
  createCustomer,
  createFixedProduct,
  createRateCard,
  createUsageProduct,
  listInvoices,
  type NewContract,
  showLine,
  use,
} from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/** Subscriptions through the official client; the figures are derived by hand in the comments. */
const USD = "2714e483-4ff1-48e4-9e25-ac732e8f24f2";

type NewSubscription = NonNullable<NewContract["subscriptions"]>[number];

let server: TestServer;
let seats: string;
let tokens: string;
let card: string;

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock("2024-04-01T00:00:00Z");
  const { metronome } = server;
  const { data } = await metronome.v1.contracts.products.create({
    name: "Seat",
    type: "SUBSCRIPTION",
  });
  seats = data.id;
  tokens = await createUsageProduct(metronome, "tokens");
  card = await createRateCard(metronome, [[tokens, 100]]);
  for (const [frequency, price] of [
    ["MONTHLY", 3000],
    ["ANNUAL", 36_600],
  ] as const) {
    await metronome.v1.contracts.rateCards.rates.add({
      rate_card_id: card,
      product_id: seats,
      starting_at: "2020-01-01T00:00:00Z",
      entitled: true,
      rate_type: "FLAT",
      price,
      billing_frequency: frequency,
    });
  }
});

afterAll(async () => {
  await server.close();
});

const monthly = (terms: Partial<NewSubscription> = {}): NewSubscription => ({
  subscription_rate: { billing_frequency: "MONTHLY", product_id: seats },
  collection_schedule: "ARREARS",
  proration: { is_prorated: true, invoice_behavior: "BILL_ON_NEXT_COLLECTION_DATE" },
  initial_quantity: 1,
  ...terms,
});

const subscribe = async (subscription: NewSubscription, terms: Partial<NewContract> = {}) => {
  const customerId = await createCustomer(server.metronome);
  const contractId = await createContract(server.metronome, customerId, card, {
    starting_at: "2024-04-01T00:00:00Z",
    subscriptions: [subscription],
    ...terms,
  });
  return { customerId, contractId };
};

const subscriptionOf = async (keys: { customerId: string; contractId: string }) => {
  const { data } = await server.metronome.v2.contracts.retrieve({
    customer_id: keys.customerId,
    contract_id: keys.contractId,
  });
  const [subscription] = data.subscriptions ?? [];
  if (subscription?.id === undefined) throw new Error("The contract has no subscription");
  return { ...subscription, id: subscription.id };
};

const setQuantity = async (
  keys: { customerId: string; contractId: string },
  ...updates: { starting_at: string; quantity?: number; quantity_delta?: number }[]
) =>
  server.metronome.v2.contracts.edit({
    customer_id: keys.customerId,
    contract_id: keys.contractId,
    update_subscriptions: [
      { subscription_id: (await subscriptionOf(keys)).id, quantity_updates: updates },
    ],
  });

/** "SCHEDULED 2024-04-01 FINALIZED: Seat: 1 x 3000 = 3000" without lines of usage. */
const billed = async (customerId: string): Promise<string[]> => {
  const invoices = await listInvoices(server.metronome, customerId);
  return invoices.flatMap((invoice) => {
    const lines = invoice.line_items.filter(({ name }) => name !== "tokens");
    if (lines.length === 0) return [];
    const day = (invoice.end_timestamp ?? invoice.issued_at ?? "").slice(0, 10);
    return [`${invoice.type} ${day} ${invoice.status}: ${lines.map(showLine).join(", ")}`];
  });
};

describe("April, on its first day", () => {
  let stub: { customerId: string; contractId: string };
  let growing: { customerId: string; contractId: string };
  let advance: { customerId: string; contractId: string };
  let later: { customerId: string; contractId: string };
  let yearly: { customerId: string; contractId: string };

  beforeAll(async () => {
    stub = await subscribe(monthly({ starting_at: "2024-04-23T00:00:00Z" }));
    growing = await subscribe(monthly({ initial_quantity: 2 }));
    const inAdvance = { collection_schedule: "ADVANCE" } as const;
    advance = await subscribe(
      monthly({
        ...inAdvance,
        proration: { is_prorated: true, invoice_behavior: "BILL_IMMEDIATELY" },
      }),
    );
    later = await subscribe(monthly(inAdvance));
    yearly = await subscribe(
      monthly({ subscription_rate: { billing_frequency: "ANNUAL", product_id: seats } }),
    );
    // From April 16 on 15 of 30 days are left.
    for (const keys of [growing, advance, later]) {
      await setQuantity(keys, { starting_at: "2024-04-16T00:00:00Z", quantity_delta: 3 });
    }
    await use(server.metronome, stub.customerId, "tokens", "2024-04-01T00:00:00Z", 4);
  });

  test("a contract shows its subscriptions, their periods and quantities", async () => {
    expect(await subscriptionOf(growing)).toMatchObject({
      collection_schedule: "ARREARS",
      quantity_management_mode: "QUANTITY_ONLY",
      proration: { is_prorated: true, invoice_behavior: "BILL_ON_NEXT_COLLECTION_DATE" },
      subscription_rate: { billing_frequency: "MONTHLY", product: { id: seats, name: "Seat" } },
      quantity_schedule: [
        {
          quantity: 2,
          starting_at: "2024-04-01T00:00:00Z",
          ending_before: "2024-04-16T00:00:00Z",
        },
        { quantity: 5, starting_at: "2024-04-16T00:00:00Z" },
      ],
      billing_periods: {
        current: { starting_at: "2024-04-01T00:00:00Z", ending_before: "2024-05-01T00:00:00Z" },
        next: { starting_at: "2024-05-01T00:00:00Z", ending_before: "2024-06-01T00:00:00Z" },
      },
    });
  });

  test("the history of a quantity tells its price, and nothing of what is to come", async () => {
    const { id } = await subscriptionOf(growing);
    const { data } = await server.metronome.v1.contracts.retrieveSubscriptionQuantityHistory({
      customer_id: growing.customerId,
      contract_id: growing.contractId,
      subscription_id: id,
    });
    expect(data).toEqual({
      subscription_id: id,
      fiat_credit_type_id: USD,
      history: [
        {
          starting_at: "2024-04-01T00:00:00Z",
          data: [{ quantity: 2, unit_price: 3000, total: 6000 }],
        },
      ],
    });
  });

  test("rates tell their billing frequency, and can be asked for it", async () => {
    const { data } = await server.metronome.v1.contracts.rateCards.retrieveRateSchedule({
      rate_card_id: card,
      starting_at: "2024-04-01T00:00:00Z",
      selectors: [{ product_id: seats, billing_frequency: "ANNUAL" }],
    });
    expect(data).toMatchObject([{ product_id: seats, billing_frequency: "ANNUAL" }]);
  });

  describe("two months later", () => {
    beforeAll(async () => {
      await server.setClock("2024-05-02T00:00:00Z");
      for (const keys of [growing, advance]) {
        await setQuantity(keys, { starting_at: "2024-05-10T00:00:00Z", quantity: 1 });
      }
      await server.setClock("2024-06-02T00:00:00Z");
    });

    test("in arrears from April 23: 8 of 30 days, then whole months, beside the usage", async () => {
      expect(await billed(stub.customerId)).toEqual([
        "USAGE 2024-05-01 FINALIZED: Seat: 1 x 800 = 800",
        "USAGE 2024-06-01 FINALIZED: Seat: 1 x 3000 = 3000",
        "USAGE 2024-07-01 DRAFT: Seat: 1 x 3000 = 3000",
      ]);
      const [april] = await listInvoices(server.metronome, stub.customerId);
      expect(april?.total).toBe(1200);
      const { id } = await subscriptionOf(stub);
      expect(april?.line_items.find(({ name }) => name === "Seat")).toMatchObject({
        type: "subscription",
        product_type: "SubscriptionProductListItem",
        subscription_id: id,
        is_prorated: true,
        starting_at: "2024-04-23T00:00:00Z",
        ending_before: "2024-05-01T00:00:00Z",
        subscription_custom_fields: {},
      });
    });

    test("an increase costs half a month, a decrease counts from June", async () => {
      expect(await billed(growing.customerId)).toEqual([
        "USAGE 2024-05-01 FINALIZED: Seat: 2 x 3000 = 6000, Seat: 3 x 1500 = 4500",
        "USAGE 2024-06-01 FINALIZED: Seat: 5 x 3000 = 15000",
        "USAGE 2024-07-01 DRAFT: Seat: 1 x 3000 = 3000",
      ]);
    });

    test("in advance: the first month and the increase at once, later months with the usage", async () => {
      expect(await billed(advance.customerId)).toEqual([
        "SCHEDULED 2024-04-01 FINALIZED: Seat: 1 x 3000 = 3000",
        "SCHEDULED 2024-04-16 FINALIZED: Seat: 3 x 1500 = 4500",
        "USAGE 2024-05-01 FINALIZED: Seat: 4 x 3000 = 12000",
        "USAGE 2024-06-01 FINALIZED: Seat: 1 x 3000 = 3000",
        "USAGE 2024-07-01 DRAFT: Seat: 1 x 3000 = 3000",
      ]);
    });

    test("in advance, increases with the next month", async () => {
      expect(await billed(later.customerId)).toEqual([
        "SCHEDULED 2024-04-01 FINALIZED: Seat: 1 x 3000 = 3000",
        "USAGE 2024-05-01 FINALIZED: Seat: 3 x 1500 = 4500, Seat: 4 x 3000 = 12000",
        "USAGE 2024-06-01 FINALIZED: Seat: 4 x 3000 = 12000",
        "USAGE 2024-07-01 DRAFT: Seat: 4 x 3000 = 12000",
      ]);
    });

    test("a year in arrears is not due yet", async () => {
      expect(await billed(yearly.customerId)).toEqual([]);
    });

    test.each([
      ["2024-05-20T00:00:00Z", "what comes before is invoiced"],
      ["2024-05-09T00:00:00Z", "the last change so far"],
    ])("a change on %s is refused: %s", async (starting_at, why) => {
      await expect(setQuantity(growing, { starting_at, quantity: 9 })).rejects.toThrow(why);
    });

    test("parts of a contract that cannot be edited yet are refused, not ignored", async () => {
      const keys = { customer_id: growing.customerId, contract_id: growing.contractId };
      const { id } = await subscriptionOf(growing);
      const quantity_updates = [{ starting_at: "2024-06-10T00:00:00Z", quantity: 9 }];
      const discount = { product_id: seats, schedule: { schedule_items: [] } };
      for (const more of [
        { add_spend_trackers: [{}] },
        { add_discounts: [discount] },
      ] as object[]) {
        const update_subscriptions = [{ subscription_id: id, quantity_updates }];
        await expect(
          server.metronome.v2.contracts.edit({ ...keys, update_subscriptions, ...more }),
        ).rejects.toThrow(/not supported/);
      }
    });

    test("refused changes leave nothing behind, and quantities never go below 0", async () => {
      const june = "2024-06-10T00:00:00Z";
      await expect(
        setQuantity(
          growing,
          { starting_at: june, quantity: 9 },
          { starting_at: june, quantity_delta: -10 },
        ),
      ).rejects.toThrow("quantity_updates[1].quantity_delta must not lead to a quantity below 0");
      expect((await subscriptionOf(growing)).quantity_schedule).toMatchObject([{ quantity: 1 }]);
    });
  });
});

describe("terms that cannot be", () => {
  test.each([
    [{ collection_schedule: "ARREARS", proration: { invoice_behavior: "BILL_IMMEDIATELY" } }],
    [{ starting_at: "2024-03-31T00:00:00Z" }],
    [{ starting_at: "2024-05-01T00:00:00Z", ending_before: "2024-05-01T00:00:00Z" }],
    [{ initial_quantity: -1 }],
    [{ quantity_management_mode: "SEAT_BASED" }],
  ] satisfies [Partial<NewSubscription>][])("%j", async (terms) => {
    await expect(subscribe(monthly(terms))).rejects.toThrow(/subscriptions\[0\]\.\w+/);
  });

  test("a product that is no subscription, a frequency without a rate, no rate card", async () => {
    const fixed = await createFixedProduct(server.metronome, "fee");
    const of = (product_id: string, billing_frequency: "MONTHLY" | "WEEKLY") =>
      subscribe(monthly({ subscription_rate: { product_id, billing_frequency } }));
    await expect(of(fixed, "MONTHLY")).rejects.toThrow("SUBSCRIPTION product");
    await expect(of(seats, "WEEKLY")).rejects.toThrow("needs a WEEKLY rate");
  });

  test("a subscription product's rate needs a frequency, others must not have one", async () => {
    const add = (product_id: string, billing_frequency?: "MONTHLY") =>
      server.metronome.v1.contracts.rateCards.rates.add({
        rate_card_id: card,
        product_id,
        starting_at: "2024-04-01T00:00:00Z",
        entitled: true,
        rate_type: "FLAT",
        price: 1,
        ...(billing_frequency === undefined ? {} : { billing_frequency }),
      });
    await expect(add(seats)).rejects.toThrow("billing_frequency");
    await expect(add(tokens, "MONTHLY")).rejects.toThrow("billing_frequency");
  });
});
