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

/** Recurring commits and credits through the official client; figures are derived in the comments. */
const USD = "2714e483-4ff1-48e4-9e25-ac732e8f24f2";

type NewRecurringCommit = NonNullable<NewContract["recurring_commits"]>[number];

interface Keys {
  readonly customerId: string;
  readonly contractId: string;
}

let server: TestServer;
let fixed: string;
let tokens: string;
let seats: string;
let card: string;

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock("2024-04-01T00:00:00Z");
  const { metronome } = server;
  fixed = await createFixedProduct(metronome, "Included usage");
  tokens = await createUsageProduct(metronome, "tokens");
  card = await createRateCard(metronome, [[tokens, 100]]);
  const { data } = await metronome.v1.contracts.products.create({
    name: "Seat",
    type: "SUBSCRIPTION",
  });
  seats = data.id;
  await metronome.v1.contracts.rateCards.rates.add({
    rate_card_id: card,
    product_id: seats,
    starting_at: "2020-01-01T00:00:00Z",
    entitled: true,
    rate_type: "FLAT",
    price: 0,
    billing_frequency: "MONTHLY",
  });
});

afterAll(async () => {
  await server.close();
});

/** 3,000 a month from April 1. */
const monthly = (terms: Partial<NewRecurringCommit> = {}): NewRecurringCommit => ({
  product_id: fixed,
  access_amount: { unit_price: 1500, quantity: 2, credit_type_id: USD },
  priority: 10,
  commit_duration: { value: 1 },
  starting_at: "2024-04-01T00:00:00Z",
  ...terms,
});

const sign = async (terms: Partial<NewContract>): Promise<Keys> => {
  const customerId = await createCustomer(server.metronome);
  const contractId = await createContract(server.metronome, customerId, card, {
    starting_at: "2024-04-01T00:00:00Z",
    ...terms,
  });
  return { customerId, contractId };
};

const readContract = async ({ customerId, contractId }: Keys) => {
  const { data } = await server.metronome.v2.contracts.retrieve({
    customer_id: customerId,
    contract_id: contractId,
  });
  return data;
};

/** Commits and credits of the customer: "2024-04-01..2024-05-01: 3000, left 2700". */
const children = async ({ customerId }: Keys): Promise<string[]> => {
  const { data } = await server.metronome.v1.contracts.listBalances({
    customer_id: customerId,
    include_balance: true,
    include_contract_balances: true,
  });
  return data.map(({ access_schedule: access, balance }) => {
    const [segment] = access?.schedule_items ?? [];
    const window = [segment?.starting_at, segment?.ending_before].map((at) => at?.slice(0, 10));
    return `${window.join("..")}: ${segment?.amount}, left ${balance}`;
  });
};

/** "SCHEDULED 2024-04-01 FINALIZED: Included usage: 1 x 2000 = 2000" without lines at 0. */
const billed = async ({ customerId }: Keys): Promise<string[]> => {
  const invoices = await listInvoices(server.metronome, customerId);
  return invoices.flatMap((invoice) => {
    const lines = invoice.line_items.filter(({ total }) => total !== 0);
    if (lines.length === 0) return [];
    const day = (invoice.end_timestamp ?? invoice.issued_at ?? "").slice(0, 10);
    return [`${invoice.type} ${day} ${invoice.status}: ${lines.map(showLine).join(", ")}`];
  });
};

describe("April, on its first day", () => {
  let credited: Keys;
  let bought: Keys;
  let stub: Keys;
  let rolling: Keys;
  let pooled: Keys;
  let daily: Keys;
  let priced: Keys;
  let joined: Keys;

  beforeAll(async () => {
    credited = await sign({
      recurring_credits: [monthly({ name: "Free tier", rollover_fraction: 0.5 })],
    });
    const invoice = { unit_price: 1000, quantity: 2, credit_type_id: USD };
    bought = await sign({ recurring_commits: [monthly({ invoice_amount: invoice })] });
    // 10 of April's 30 days: a third of 3,000 and of 2,000 x 1.5.
    stub = await sign({
      recurring_commits: [
        monthly({
          starting_at: "2024-04-21T00:00:00Z",
          ending_before: "2024-05-01T00:00:00Z",
          invoice_amount: { unit_price: 1500, quantity: 2, credit_type_id: USD },
        }),
      ],
    });
    rolling = await sign({
      recurring_credits: [
        monthly({
          recurrence_frequency: "WEEKLY",
          commit_duration: { value: 2, unit: "PERIODS" },
          starting_at: "2024-04-03T00:00:00Z",
        }),
      ],
    });
    pooled = await sign({
      subscriptions: [
        {
          temporary_id: "the seats",
          subscription_rate: { billing_frequency: "MONTHLY", product_id: seats },
          collection_schedule: "ARREARS",
          proration: { is_prorated: true },
          initial_quantity: 2,
        },
      ],
      recurring_credits: [
        monthly({
          access_amount: { unit_price: 300, credit_type_id: USD },
          subscription_config: {
            subscription_id: "the seats",
            allocation: "POOLED",
            apply_seat_increase_config: { is_prorated: true },
          },
        }),
      ],
    });
    daily = await sign({
      recurring_credits: [
        monthly({
          recurrence_frequency: "DAILY",
          access_amount: { unit_price: 200, quantity: 1, credit_type_id: USD },
          ending_before: "2024-04-04T00:00:00Z",
        }),
      ],
    });
    priced = await sign({
      recurring_commits: [
        monthly({
          temporary_id: "cheaper",
          access_amount: { unit_price: 300, quantity: 1, credit_type_id: USD },
        }),
      ],
      overrides: [
        {
          type: "OVERWRITE",
          overwrite_rate: { rate_type: "FLAT", price: 60 },
          is_commit_specific: true,
          override_specifiers: [{ product_id: tokens, recurring_commit_ids: ["cheaper"] }],
          starting_at: "2024-04-01T00:00:00Z",
        },
      ],
    });
    joined = await sign({
      scheduled_charges_on_usage_invoices: "ALL",
      recurring_commits: [
        monthly({ invoice_amount: { unit_price: 2000, quantity: 1, credit_type_id: USD } }),
      ],
    });
    for (const { customerId } of [credited, bought]) {
      await use(server.metronome, customerId, "tokens", "2024-04-01T00:00:00Z", 40);
    }
    await use(server.metronome, priced.customerId, "tokens", "2024-04-01T00:00:00Z", 10);
    // Answers when all that is due by now is done: the purchases of the first day are invoiced.
    await server.setClock("2024-04-01T00:00:00Z");
  });

  test("the contract shows the terms, and the children with where they come from", async () => {
    const { recurring_credits, credits } = await readContract(credited);
    expect(recurring_credits).toMatchObject([
      {
        name: "Free tier",
        product: { id: fixed, name: "Included usage" },
        access_amount: { unit_price: 1500, quantity: 2, credit_type_id: USD },
        priority: 10,
        commit_duration: { value: 1, unit: "PERIODS" },
        proration: "FIRST_AND_LAST",
        rate_type: "LIST_RATE",
        rollover_fraction: 0.5,
        starting_at: "2024-04-01T00:00:00Z",
        contract: { id: credited.contractId },
      },
    ]);
    expect(recurring_credits?.[0]).not.toHaveProperty("recurrence_frequency");
    const id = recurring_credits?.[0]?.id;
    expect(credits).toMatchObject([
      { name: "Free tier", recurring_credit_id: id, rollover_fraction: 0.5, priority: 10 },
      { name: "Free tier", recurring_credit_id: id, rollover_fraction: 0.5, priority: 10 },
    ]);
    const { recurring_commits, commits } = await readContract(bought);
    expect(recurring_commits).toMatchObject([
      { invoice_amount: { unit_price: 1000, quantity: 2, credit_type_id: USD } },
    ]);
    expect(commits?.map((commit) => commit.recurring_commit_id)).toEqual(
      Array(2).fill(recurring_commits?.[0]?.id),
    );
    const { data: first } = await server.metronome.v1.contracts.retrieve({
      customer_id: bought.customerId,
      contract_id: bought.contractId,
    });
    expect(first.current.recurring_commits).toMatchObject([{ id: recurring_commits?.[0]?.id }]);
  });

  test("a child is there for the period that runs and for the next one", async () => {
    expect(await children(credited)).toEqual([
      "2024-04-01..2024-05-01: 3000, left 0",
      "2024-05-01..2024-06-01: 3000, left 0",
    ]);
    expect(await children(rolling)).toEqual(["2024-04-03..2024-04-17: 3000, left 0"]);
    expect(await children(pooled)).toEqual([
      "2024-04-01..2024-05-01: 600, left 600",
      "2024-05-01..2024-06-01: 600, left 0",
    ]);
  });

  test("usage is paid by the child of its period, the rest is billed", async () => {
    expect(await billed(credited)).toEqual([
      "USAGE 2024-05-01 DRAFT: tokens: 30 x 100 = 3000, Free tier applied = -3000, tokens: 10 x 100 = 1000",
    ]);
  });

  test("a child is billed when its period begins, a prorated one for its share", async () => {
    expect(await billed(bought)).toEqual([
      "SCHEDULED 2024-04-01 FINALIZED: Included usage: 2 x 1000 = 2000",
      "USAGE 2024-05-01 DRAFT: tokens: 30 x 100 = 3000, Included usage applied = -3000, tokens: 10 x 100 = 1000",
      "SCHEDULED  DRAFT: Included usage: 2 x 1000 = 2000",
    ]);
    // 1,500 x 2 x 10 / 30 = 2 x 500.
    expect(await children(stub)).toEqual(["2024-04-21..2024-05-01: 1000, left 0"]);
    expect((await billed(stub)).map((text) => text.split(": ").slice(1).join(": "))).toEqual([
      "Included usage: 2 x 500 = 1000",
    ]);
  });

  test("a seat added in the period brings its share of the value, next month all of it", async () => {
    const [subscription] = (await readContract(pooled)).subscriptions ?? [];
    await server.metronome.v2.contracts.edit({
      customer_id: pooled.customerId,
      contract_id: pooled.contractId,
      update_subscriptions: [
        {
          subscription_id: subscription?.id ?? "",
          quantity_updates: [{ starting_at: "2024-04-16T00:00:00Z", quantity_delta: 3 }],
        },
      ],
    });
    // The seats come on the 16th: nothing yet in April, 5 x 300 in May.
    expect(await children(pooled)).toEqual([
      "2024-04-01..2024-05-01: 600, left 600",
      "2024-05-01..2024-06-01: 1500, left 0",
    ]);
  });

  test("an override for a recurring commit prices what its children pay for", async () => {
    // 300 pays 5 at 60 each, the other 5 cost 100 each.
    expect(await billed(priced)).toEqual([
      "USAGE 2024-05-01 DRAFT: tokens: 5 x 60 = 300, Included usage applied = -300, tokens: 5 x 100 = 500",
    ]);
    const { overrides, recurring_commits } = await readContract(priced);
    expect(overrides?.[0]?.override_specifiers).toEqual([
      { product_id: tokens, recurring_commit_ids: [recurring_commits?.[0]?.id] },
    ]);
  });

  test("a purchase at the end of a usage period joins its invoice where charges do", async () => {
    expect(await billed(joined)).toEqual([
      "SCHEDULED 2024-04-01 FINALIZED: Included usage: 1 x 2000 = 2000",
      "USAGE 2024-05-01 DRAFT: Included usage: 1 x 2000 = 2000",
    ]);
  });

  describe("on the 17th", () => {
    beforeAll(async () => {
      await server.setClock("2024-04-17T00:00:00Z");
      await server.setClock("2024-04-17T00:00:00Z");
      await use(server.metronome, rolling.customerId, "tokens", "2024-04-16T00:00:00Z", 50);
      await use(server.metronome, daily.customerId, "tokens", "2024-04-02T05:00:00Z", 3);
    });

    test("the seats that came have brought their share, once, into the ledger", async () => {
      // 3 x 300 x 15 / 30 = 450.
      expect(await children(pooled)).toEqual([
        "2024-04-01..2024-05-01: 600, left 1050",
        "2024-05-01..2024-06-01: 1500, left 0",
      ]);
      const { data } = await server.metronome.v1.customers.credits.list({
        customer_id: pooled.customerId,
        include_contract_credits: true,
        include_ledgers: true,
      });
      expect(
        data[0]?.ledger?.map(({ type, amount, timestamp }) => [type, amount, timestamp]),
      ).toEqual([
        ["CREDIT_SEGMENT_START", 600, "2024-04-01T00:00:00Z"],
        ["CREDIT_SEAT_BASED_ADJUSTMENT", 450, "2024-04-16T00:00:00Z"],
      ]);
    });

    test("of children that overlap the one that ends first pays first", async () => {
      // On the 16th the child of the 3rd (to the 17th) and of the 10th (to the 24th) are open:
      // 5,000 of usage take all 3,000 of the first and 2,000 of the second.
      expect(await children(rolling)).toEqual([
        "2024-04-03..2024-04-17: 3000, left 0",
        "2024-04-10..2024-04-24: 3000, left 1000",
        "2024-04-17..2024-05-01: 3000, left 3000",
        "2024-04-24..2024-05-08: 3000, left 0",
      ]);
    });

    test("daily children end with their day, and come until their end", async () => {
      expect(await children(daily)).toEqual([
        "2024-04-01..2024-04-02: 200, left 0",
        "2024-04-02..2024-04-03: 200, left 0",
        "2024-04-03..2024-04-04: 200, left 0",
      ]);
      expect(await billed(daily)).toEqual([
        "USAGE 2024-05-01 DRAFT: tokens: 2 x 100 = 200, Included usage applied = -200, tokens: 1 x 100 = 100",
      ]);
    });
  });

  describe("in May, when April is invoiced", () => {
    beforeAll(async () => {
      await server.setClock("2024-05-02T00:00:00Z");
      await use(server.metronome, priced.customerId, "tokens", "2024-05-01T00:00:00Z", 1);
    });

    test("June's child is there, April's is used up and gone, each with its own ledger", async () => {
      expect(await children(credited)).toEqual([
        "2024-04-01..2024-05-01: 3000, left 0",
        "2024-05-01..2024-06-01: 3000, left 3000",
        "2024-06-01..2024-07-01: 3000, left 0",
      ]);
      expect(await billed(bought)).toEqual([
        "SCHEDULED 2024-04-01 FINALIZED: Included usage: 2 x 1000 = 2000",
        "SCHEDULED 2024-05-01 FINALIZED: Included usage: 2 x 1000 = 2000",
        "USAGE 2024-05-01 FINALIZED: tokens: 30 x 100 = 3000, Included usage applied = -3000, tokens: 10 x 100 = 1000",
        "SCHEDULED  DRAFT: Included usage: 2 x 1000 = 2000",
      ]);
    });

    test("overrides hold for the children to come as well", async () => {
      const [, may] = await billed(priced);
      expect(may).toBe("USAGE 2024-06-01 DRAFT: tokens: 1 x 60 = 60, Included usage applied = -60");
    });

    test("a pool counts the units that there are when a period begins", async () => {
      expect((await children(pooled)).slice(1)).toEqual([
        "2024-05-01..2024-06-01: 1500, left 1500",
        "2024-06-01..2024-07-01: 1500, left 0",
      ]);
    });
  });
});
