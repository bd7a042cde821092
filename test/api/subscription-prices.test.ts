import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createContract,
  createCustomer,
  listInvoices,
  type NewContract,
  showLine,
} from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/** Negotiated prices, rounding and billing cycles of subscriptions, through the official client. */
type NewSubscription = NonNullable<NewContract["subscriptions"]>[number];
type NewOverride = NonNullable<NewContract["overrides"]>[number];

const START = "2024-04-01T00:00:00Z";

let server: TestServer;
let seats: string;
let gold: string;
let card: string;

/** A seat is $30 a month and $300 a year; gold is on the card, and nobody is entitled to it. */
beforeAll(async () => {
  server = await startTestServer();
  await server.setClock(START);
  const { contracts } = server.metronome.v1;
  const createProduct = async (name: string) =>
    (await contracts.products.create({ name, type: "SUBSCRIPTION", tags: ["people"] })).data.id;
  seats = await createProduct("Seat");
  gold = await createProduct("Gold");
  card = (await contracts.rateCards.create({ name: "List prices" })).data.id;
  const rate = { starting_at: "2020-01-01T00:00:00Z", rate_type: "FLAT" } as const;
  const open = { ...rate, product_id: seats, entitled: true };
  await contracts.rateCards.rates.addMany({
    rate_card_id: card,
    rates: [
      { ...open, price: 3000, billing_frequency: "MONTHLY" },
      { ...open, price: 30_000, billing_frequency: "ANNUAL" },
      { ...rate, product_id: gold, price: 9000, billing_frequency: "MONTHLY", entitled: false },
    ],
  });
});

afterAll(() => server.close());

const monthly = (terms: Partial<NewSubscription> = {}): NewSubscription => ({
  subscription_rate: { billing_frequency: "MONTHLY", product_id: seats },
  collection_schedule: "ARREARS",
  proration: { is_prorated: true },
  initial_quantity: 1,
  ...terms,
});
const monthlySeats = () => ({ product_id: seats, billing_frequency: "MONTHLY" }) as const;
const override = (terms: Partial<NewOverride>): NewOverride => ({
  starting_at: START,
  override_specifiers: [monthlySeats()],
  ...terms,
});
const overwrite = (price: number) =>
  ({ type: "OVERWRITE", overwrite_rate: { rate_type: "FLAT", price } }) as const;

async function contractOf(terms: Omit<NewContract, "starting_at">) {
  const customer_id = await createCustomer(server.metronome);
  const contract_id = await createContract(server.metronome, customer_id, card, {
    starting_at: START,
    ...terms,
  });
  return { customer_id, contract_id };
}

const drafts = async (customerId: string): Promise<string[]> =>
  (await listInvoices(server.metronome, customerId)).flatMap((invoice) =>
    invoice.line_items.map((line) => `${invoice.type}: ${showLine(line)}`),
  );

describe("overrides", () => {
  test("a negotiated price is on the line, in the history and in the rate schedule", async () => {
    const keys = await contractOf({
      subscriptions: [monthly()],
      overrides: [override({ type: "MULTIPLIER", multiplier: 0.5 }), override(overwrite(2500))],
    });
    expect(await drafts(keys.customer_id)).toEqual(["USAGE: Seat: 1 x 2500 = 2500"]);
    const { data } = await server.metronome.v2.contracts.retrieve(keys);
    const { data: history } =
      await server.metronome.v1.contracts.retrieveSubscriptionQuantityHistory({
        ...keys,
        subscription_id: data.subscriptions?.[0]?.id ?? "",
      });
    expect(history.history).toEqual([
      { starting_at: START, data: [{ quantity: 1, unit_price: 2500, total: 2500 }] },
    ]);
    expect(data.overrides?.map(({ override_specifiers: specifiers }) => specifiers)).toEqual([
      [monthlySeats()],
      [monthlySeats()],
    ]);
    const { data: rates } = await server.metronome.v1.contracts.retrieveRateSchedule(keys);
    expect(
      rates.map(({ billing_frequency, list_rate, override_rate }) => [
        billing_frequency,
        list_rate.price,
        override_rate?.price,
      ]),
    ).toEqual([
      ["MONTHLY", 3000, 2500],
      ["ANNUAL", 30_000, undefined],
    ]);
  });

  test("an override by tag and frequency takes what has the tag", async () => {
    const { customer_id } = await contractOf({
      subscriptions: [
        monthly(),
        monthly({ subscription_rate: { product_id: seats, billing_frequency: "ANNUAL" } }),
      ],
      overrides: [
        override({
          type: "MULTIPLIER",
          multiplier: 0.9,
          override_specifiers: [{ product_tags: ["people"], billing_frequency: "MONTHLY" }],
        }),
      ],
    });
    expect(await drafts(customer_id)).toEqual(["USAGE: Seat: 1 x 2700 = 2700"]);
  });

  test("an override opens what the card does not entitle to", async () => {
    const subscription_rate = { product_id: gold, billing_frequency: "MONTHLY" } as const;
    const subscriptions = [monthly({ subscription_rate })];
    await expect(contractOf({ subscriptions })).rejects.toThrow(
      "subscriptions[0].subscription_rate needs a MONTHLY rate",
    );
    const { customer_id } = await contractOf({
      subscriptions,
      overrides: [override({ entitled: true, override_specifiers: [subscription_rate] })],
    });
    expect(await drafts(customer_id)).toEqual(["USAGE: Gold: 1 x 9000 = 9000"]);
  });

  test.each([
    [
      { ...overwrite(1), override_specifiers: [{ product_id: "seats" }] },
      "billing_frequency is req",
    ],
    [{ ...overwrite(1), override_specifiers: [], product_id: "seats" }, "billing_frequency is req"],
    [
      { ...overwrite(1), override_specifiers: [{ billing_frequency: "MONTHLY" }] },
      "or product_tags or group values must be given",
    ],
    [
      { ...overwrite(1), is_commit_specific: true },
      "billing_frequency is not for is_commit_specific overrides",
    ],
    [
      { type: "TIERED", tiers: [{ multiplier: 0.5 }], priority: 1 },
      "billing_frequency is not for overrides of type TIERED",
    ],
    [
      { type: "OVERWRITE", overwrite_rate: { rate_type: "TIERED", tiers: [{ price: 1 }] } },
      "needs an overwrite_rate of rate_type FLAT",
    ],
    [
      {
        ...overwrite(1),
        override_specifiers: [
          { product_id: "seats", billing_frequency: "MONTHLY", pricing_group_values: { a: "b" } },
        ],
      },
      "pricing_group_values are for usage",
    ],
  ] satisfies [Partial<NewOverride>, string][])("%j is refused: %s", async (terms, why) => {
    const named = JSON.parse(JSON.stringify(terms).replaceAll('"seats"', `"${seats}"`));
    await expect(
      contractOf({
        multiplier_override_prioritization: "EXPLICIT",
        overrides: [override(named)],
      }),
    ).rejects.toThrow(why);
  });
});

describe("terms", () => {
  test("the price of a part of a period is rounded as agreed", async () => {
    const rounding = { rounding_method: "CEILING", decimal_places: -2 } as const;
    const { customer_id, contract_id } = await contractOf({
      subscriptions: [
        // 8 of 30 days are 800 cents; 7 of 30 are 700; both are round. 7.5 days are 750.
        monthly({
          starting_at: "2024-04-23T12:00:00Z",
          initial_quantity: 2,
          proration: { is_prorated: true, rounding },
        }),
      ],
    });
    expect(await drafts(customer_id)).toEqual(["USAGE: Seat: 2 x 800 = 1600"]);
    const { data } = await server.metronome.v2.contracts.retrieve({ customer_id, contract_id });
    expect(data.subscriptions?.[0]).toMatchObject({
      proration: { is_prorated: true, rounding },
      billing_cycle_config: { anchor_date: START, invoice_placement: "ON_USAGE_INVOICE" },
    });
  });

  test("a billing cycle of its own, on invoices of its own", async () => {
    const billing_cycle_config = {
      anchor_date: "2024-03-11T00:00:00Z",
      invoice_placement: "ON_SCHEDULED_INVOICE",
    } as const;
    const { customer_id, contract_id } = await contractOf({
      subscriptions: [monthly({ billing_cycle_config })],
    });
    const { data } = await server.metronome.v2.contracts.retrieve({ customer_id, contract_id });
    expect(data.subscriptions?.[0]).toMatchObject({
      billing_cycle_config,
      billing_periods: {
        current: { starting_at: START, ending_before: "2024-04-11T00:00:00Z" },
        next: { starting_at: "2024-04-11T00:00:00Z", ending_before: "2024-05-11T00:00:00Z" },
      },
    });
    await server.setClock("2024-05-12T00:00:00Z");
    // 10 of the 31 days from March 11 to April 11, then whole months.
    expect(await drafts(customer_id)).toEqual([
      "SCHEDULED: Seat: 1 x 967.741935483871 = 967.741935483871",
      "SCHEDULED: Seat: 1 x 3000 = 3000",
    ]);
  });

  test.each([
    [{ billing_cycle_config: { anchor_date: "2024-04-10T01:00:00Z" } }, "must be midnight UTC"],
    [
      { proration: { rounding: { rounding_method: "HALF_UP", decimal_places: 13 } } },
      /subscriptions\[0\]\.proration\.rounding\.decimal_places/,
    ],
  ] satisfies [Partial<NewSubscription>, string | RegExp][])(
    "%j is refused: %s",
    async (...row) => {
      const [terms, why] = row;
      await expect(contractOf({ subscriptions: [monthly(terms)] })).rejects.toThrow(why);
    },
  );
});
