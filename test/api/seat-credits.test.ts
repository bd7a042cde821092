import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createContract,
  createCustomer,
  createFixedProduct,
  listInvoices,
  type NewContract,
  showLine,
} from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/** Credits that each seat has for itself, through the official client. */
const USD = "2714e483-4ff1-48e4-9e25-ac732e8f24f2";
const START = "2024-04-01T00:00:00Z";

type NewRecurringCredit = NonNullable<NewContract["recurring_credits"]>[number];
type Balances = Awaited<ReturnType<TestServer["metronome"]["v1"]["contracts"]["listSeatBalances"]>>;

let server: TestServer;
let included: string;
let seats: string;
let card: string;
let keys: { customer_id: string; contract_id: string };
let subscription_id: string;

/** Tokens cost a dollar and are shown by user; a seat is free and grants $10 a month to its user. */
beforeAll(async () => {
  server = await startTestServer();
  await server.setClock(START);
  const { v1 } = server.metronome;
  included = await createFixedProduct(server.metronome, "Included usage");
  const { data: metric } = await v1.billableMetrics.create({
    name: "tokens",
    aggregation_type: "SUM",
    aggregation_key: "value",
    event_type_filter: { in_values: ["tokens"] },
    property_filters: [
      { name: "value", exists: true },
      { name: "user_id", exists: true },
    ],
    group_keys: [["user_id"]],
  });
  const { data: tokens } = await v1.contracts.products.create({
    name: "tokens",
    type: "USAGE",
    billable_metric_id: metric.id,
    presentation_group_key: ["user_id"],
  });
  seats = (await v1.contracts.products.create({ name: "Seat", type: "SUBSCRIPTION" })).data.id;
  card = (await v1.contracts.rateCards.create({ name: "List prices" })).data.id;
  const rate = { starting_at: "2020-01-01T00:00:00Z", entitled: true, rate_type: "FLAT" } as const;
  await v1.contracts.rateCards.rates.addMany({
    rate_card_id: card,
    rates: [
      { ...rate, product_id: tokens.id, price: 100 },
      { ...rate, product_id: seats, price: 0, billing_frequency: "MONTHLY" },
    ],
  });
  keys = await sign({});
  const { data } = await server.metronome.v2.contracts.retrieve(keys);
  subscription_id = data.subscriptions?.[0]?.id ?? "";
});

afterAll(() => server.close());

type Subscription = NonNullable<NewContract["subscriptions"]>[number];

async function sign(
  credit: Partial<NewRecurringCredit>,
  quantity: Partial<Subscription> = {
    quantity_management_mode: "SEAT_BASED",
    seat_config: {
      seat_group_key: "user_id",
      initial_seat_ids: ["ann", "bob"],
      initial_unassigned_seats: 1,
    },
  },
) {
  const customer_id = await createCustomer(server.metronome);
  const contract_id = await createContract(server.metronome, customer_id, card, {
    starting_at: START,
    subscriptions: [
      {
        temporary_id: "seats",
        subscription_rate: { billing_frequency: "MONTHLY", product_id: seats },
        collection_schedule: "ARREARS",
        proration: { is_prorated: true },
        ...quantity,
      },
    ],
    recurring_credits: [
      {
        product_id: included,
        name: "Included",
        access_amount: { unit_price: 1000, credit_type_id: USD },
        commit_duration: { value: 1 },
        priority: 1,
        starting_at: START,
        subscription_config: {
          subscription_id: "seats",
          allocation: "INDIVIDUAL",
          apply_seat_increase_config: { is_prorated: true },
        },
        ...credit,
      },
    ],
  });
  return { customer_id, contract_id };
}

let sent = 0;
const useTokens = async (user_id: string, timestamp: string, value: number) => {
  sent += 1;
  const event = { transaction_id: `seat-${sent}`, event_type: "tokens", timestamp };
  await server.metronome.v1.usage.ingest({
    usage: [{ ...event, customer_id: keys.customer_id, properties: { value, user_id } }],
  });
};

const balances = (query: Record<string, unknown> = {}): Promise<Balances> =>
  server.metronome.v1.contracts.listSeatBalances({ ...keys, ...query });

/** "ann 400 of 1000" */
const show = ({ data }: Balances): string[] =>
  data.map(({ seat_id, balances: [own] }) =>
    own === undefined ? seat_id : `${seat_id} ${own.balance} of ${own.starting_balance}`,
  );

const invoice = async (status: "DRAFT" | "FINALIZED") => {
  const [found] = await listInvoices(server.metronome, keys.customer_id, { status });
  if (found === undefined) throw new Error(`No invoice is ${status}`);
  return { lines: found.line_items.map(showLine).sort(), total: found.total };
};

const april = [
  "Included applied = -1000",
  "Included applied = -300",
  "Included applied = -400",
  "Seat: 3 x 0 = 0",
  "tokens: 10 x 100 = 1000",
  "tokens: 2 x 100 = 200",
  "tokens: 3 x 100 = 300",
  "tokens: 4 x 100 = 400",
  "tokens: 5 x 100 = 500",
];

describe("April", () => {
  beforeAll(async () => {
    await useTokens("ann", "2024-04-01T00:00:00Z", 15);
    await useTokens("bob", "2024-04-01T00:00:00Z", 4);
    await useTokens("zoe", "2024-04-01T00:00:00Z", 2);
  });

  test("a seat burns its own part; who has no seat burns nothing", async () => {
    expect(show(await balances())).toEqual(["ann 0 of 1000", "bob 600 of 1000"]);
    const draft = await invoice("DRAFT");
    expect(draft.total).toBe(700);
    expect(draft.lines).toEqual(april.filter((line) => !/3 x 100|-300/.test(line)));
  });

  test("the credit's balance is the sum of its seats", async () => {
    const { data } = await server.metronome.v1.contracts.listBalances({
      customer_id: keys.customer_id,
      include_contract_balances: true,
      include_balance: true,
    });
    expect(data[0]).toMatchObject({ balance: 600 });
  });

  test("a new seat gets its part on its date: 15 of 30 days", async () => {
    await server.metronome.v2.contracts.edit({
      ...keys,
      update_subscriptions: [
        {
          subscription_id,
          seat_updates: {
            add_seat_ids: [{ seat_ids: ["cat"], starting_at: "2024-04-16T00:00:00Z" }],
          },
        },
      ],
    });
    expect(show(await balances())).toEqual(["ann 0 of 1000", "bob 600 of 1000"]);
    await server.setClock("2024-04-16T00:00:00Z");
    await useTokens("cat", "2024-04-16T00:00:00Z", 3);
    expect(show(await balances())).toEqual(["ann 0 of 1000", "bob 600 of 1000", "cat 200 of 500"]);
    expect(await invoice("DRAFT")).toEqual({ lines: april, total: 700 });
  });

  test("each seat tells its credits and their movements", async () => {
    const { data } = await balances({
      seat_ids: ["cat"],
      include_credits_and_commits: true,
      include_ledgers: true,
    });
    expect(data).toEqual([
      {
        seat_id: "cat",
        balances: [{ credit_type_id: USD, balance: 200, starting_balance: 500 }],
        commits: [],
        credits: [
          {
            id: expect.any(String),
            balance: 200,
            start_date: START,
            end_date: "2024-05-01T00:00:00Z",
            ledger_entries: [
              {
                type: "CREDIT_SEAT_BASED_ADJUSTMENT",
                amount: 500,
                timestamp: "2024-04-16T00:00:00Z",
              },
              {
                type: "CREDIT_AUTOMATED_INVOICE_DEDUCTION",
                amount: -300,
                timestamp: "2024-05-01T00:00:00Z",
              },
            ],
          },
        ],
      },
    ]);
  });

  test("seats come in pages", async () => {
    const first = await balances({ limit: 2 });
    expect(show(first)).toEqual(["ann 0 of 1000", "bob 600 of 1000"]);
    expect(first.pagination).toMatchObject({ seats_included: 2, seats_available_for_next_page: 1 });
    const second = await balances({ limit: 2, cursor: first.pagination.next_page });
    expect(show(second)).toEqual(["cat 200 of 500"]);
    expect(second.pagination).toEqual({
      seats_included: 1,
      seats_available_for_next_page: 0,
      next_page: null,
    });
  });

  test.each([
    [{ covering_date: START, starting_at: START }, "covering_date is not for starting_at"],
    [{ limit: 101 }, "limit"],
    [{ cursor: "nonsense" }, "cursor is not a token"],
    [{ subscription_ids: [USD] }, "subscription_ids[0] is not of a SEAT_BASED subscription"],
  ])("balances for %j are refused", async (query, why) => {
    await expect(balances(query)).rejects.toThrow(why);
  });
});

describe("May", () => {
  beforeAll(async () => {
    await server.metronome.v2.contracts.edit({
      ...keys,
      update_subscriptions: [
        {
          subscription_id,
          seat_updates: {
            remove_seat_ids: [{ seat_ids: ["bob"], starting_at: "2024-05-01T00:00:00Z" }],
          },
        },
      ],
    });
    await server.setClock("2024-05-03T00:00:00Z");
  });

  test("the invoice of April is as its draft was", async () => {
    expect(await invoice("FINALIZED")).toEqual({ lines: april, total: 700 });
  });

  test("who has a seat as it begins is granted all of it; what was left of April is gone", async () => {
    expect(show(await balances({ covering_date: "2024-05-02T00:00:00Z" }))).toEqual([
      "ann 1000 of 1000",
      "cat 1000 of 1000",
    ]);
    expect(show(await balances({ effective_before: "2024-04-30T00:00:00Z" }))).toEqual([
      "ann 0 of 1000",
      "bob 0 of 1000",
      "cat 0 of 500",
    ]);
  });
});

describe("terms that cannot be", () => {
  test("seats are needed, and nothing rolls over", async () => {
    await expect(sign({}, { initial_quantity: 3 })).rejects.toThrow(
      "subscription_config.allocation INDIVIDUAL is for SEAT_BASED subscriptions",
    );
    await expect(sign({ rollover_fraction: 0.5 })).rejects.toThrow(
      "rollover_fraction is not for allocation INDIVIDUAL",
    );
  });
});
