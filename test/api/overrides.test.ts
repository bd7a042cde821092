import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createContract,
  createCustomer,
  createFixedProduct,
  createUsageProduct,
  listInvoices,
  type NewContract,
  showLine,
  use,
} from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

const USD = { id: "2714e483-4ff1-48e4-9e25-ac732e8f24f2", name: "USD (cents)" };
const EUR = "ab6a6f74-f0d9-5c63-9800-1b379eb1b12c";
const NOWHERE = "00000000-0000-4000-8000-000000000000";
const START = "2024-03-01T00:00:00Z";

let server: TestServer;
let calls: string;
let regional: string;
let fee: string;
let card: string;

/** Calls cost 100, or 80 when a commit at commit rates pays; regional ones 10 in the EU, 20 in the US. */
beforeAll(async () => {
  server = await startTestServer();
  await server.setClock("2024-03-10T00:00:00Z");
  const { metronome } = server;
  const { v1 } = metronome;
  calls = await createUsageProduct(metronome, "Calls");
  fee = await createFixedProduct(metronome, "Prepayment");
  const metric = await v1.billableMetrics.create({
    name: "Bytes",
    aggregation_type: "SUM",
    aggregation_key: "value",
    event_type_filter: { in_values: ["Bytes"] },
    property_filters: [
      { name: "value", exists: true },
      { name: "region", exists: true },
    ],
    group_keys: [["region"]],
  });
  regional = (
    await v1.contracts.products.create({
      name: "Bytes",
      type: "USAGE",
      billable_metric_id: metric.data.id,
      pricing_group_key: ["region"],
      tags: ["network"],
    })
  ).data.id;
  card = (await v1.contracts.rateCards.create({ name: "List prices" })).data.id;
  const rate = { starting_at: "2020-01-01T00:00:00Z", entitled: true, rate_type: "FLAT" } as const;
  await v1.contracts.rateCards.rates.addMany({
    rate_card_id: card,
    rates: [
      { ...rate, product_id: calls, price: 100, commit_rate: { rate_type: "FLAT", price: 80 } },
      { ...rate, product_id: regional, price: 10, pricing_group_values: { region: "eu" } },
      { ...rate, product_id: regional, price: 20, pricing_group_values: { region: "us" } },
    ],
  });
});
afterAll(() => server.close());

const access = (amount: number) => ({
  schedule_items: [{ amount, starting_at: START, ending_before: "2025-03-01T00:00:00Z" }],
});
const overwrite = (price: number) => ({ rate_type: "FLAT" as const, price });

async function contractOf(terms: Omit<NewContract, "starting_at">) {
  const customer_id = await createCustomer(server.metronome);
  const contract_id = await createContract(server.metronome, customer_id, card, {
    starting_at: START,
    ...terms,
  });
  return { customer_id, contract_id };
}

/** The usage lines of the draft of March. */
async function marchLines(customerId: string): Promise<string[]> {
  const invoices = await listInvoices(server.metronome, customerId, { status: "DRAFT" });
  const usage = invoices.filter(({ type }) => type === "USAGE");
  return usage.flatMap((invoice) => invoice.line_items.map(showLine));
}

describe("overrides on invoices", () => {
  test("a discount from the 5th on, on one product", async () => {
    const { customer_id } = await contractOf({
      overrides: [
        {
          type: "MULTIPLIER",
          multiplier: 0.75,
          product_id: calls,
          starting_at: "2024-03-05T00:00:00Z",
        },
      ],
    });
    await use(server.metronome, customer_id, "Calls", "2024-03-02T00:00:00Z", 2);
    await use(server.metronome, customer_id, "Calls", "2024-03-06T00:00:00Z", 4);
    expect(await marchLines(customer_id)).toEqual(["Calls: 2 x 100 = 200", "Calls: 4 x 75 = 300"]);
  });

  test("a negotiated price for one region, a discount by tag for the others", async () => {
    const { customer_id } = await contractOf({
      overrides: [
        {
          type: "OVERWRITE",
          overwrite_rate: overwrite(7),
          override_specifiers: [{ product_id: regional, pricing_group_values: { region: "eu" } }],
          starting_at: START,
        },
        {
          type: "MULTIPLIER",
          multiplier: 0.5,
          applicable_product_tags: ["network", "storage"],
          starting_at: START,
        },
      ],
    });
    const event = { customer_id, event_type: "Bytes", timestamp: "2024-03-02T00:00:00Z" };
    await server.metronome.v1.usage.ingest({
      usage: ["eu", "us"].map((region) => ({
        ...event,
        transaction_id: `${customer_id} ${region}`,
        properties: { value: 3, region },
      })),
    });
    expect(await marchLines(customer_id)).toEqual([
      "Calls: 0 x 100 = 0",
      "Bytes: 3 x 7 = 21",
      "Bytes: 3 x 10 = 30",
    ]);
  });

  test("EXPLICIT tiers of multipliers: 10 at list, the rest at 80%", async () => {
    const { customer_id } = await contractOf({
      multiplier_override_prioritization: "EXPLICIT",
      overrides: [
        {
          type: "TIERED",
          tiers: [{ size: 10, multiplier: 1 }, { multiplier: 0.8 }],
          priority: 1,
          product_id: calls,
          starting_at: START,
        },
        { type: "MULTIPLIER", multiplier: 0.1, priority: 2, product_id: calls, starting_at: START },
      ],
    });
    await use(server.metronome, customer_id, "Calls", "2024-03-02T00:00:00Z", 15);
    expect(await marchLines(customer_id)).toEqual([
      "Calls: 10 x 100 = 1000",
      "Calls: 5 x 80 = 400",
    ]);
  });

  test("a commit at commit rates, and one that its override names by a temporary id", async () => {
    // 80 pays 1 unit at the commit rate. 120 pays 2 units at 60. The 3 that are left cost 100 each.
    const { customer_id } = await contractOf({
      commits: [
        {
          type: "PREPAID",
          product_id: fee,
          name: "Rated",
          rate_type: "COMMIT_RATE",
          priority: 1,
          access_schedule: access(80),
        },
        {
          type: "PREPAID",
          product_id: fee,
          name: "Special",
          temporary_id: "special",
          priority: 2,
          access_schedule: access(120),
        },
      ],
      overrides: [
        {
          type: "OVERWRITE",
          overwrite_rate: overwrite(60),
          is_commit_specific: true,
          override_specifiers: [{ product_id: calls, commit_ids: ["special"] }],
          starting_at: START,
        },
      ],
    });
    await use(server.metronome, customer_id, "Calls", "2024-03-02T00:00:00Z", 6);
    expect(await marchLines(customer_id)).toEqual([
      "Calls: 1 x 80 = 80",
      "Calls: 2 x 60 = 120",
      "Rated applied = -80",
      "Special applied = -120",
      "Calls: 3 x 100 = 300",
    ]);
  });

  test("access: a closed product is not billed", async () => {
    const { customer_id } = await contractOf({
      overrides: [{ entitled: false, product_id: calls, starting_at: START }],
    });
    await use(server.metronome, customer_id, "Calls", "2024-03-02T00:00:00Z", 6);
    expect(await marchLines(customer_id)).toEqual([]);
  });
});

describe("reading", () => {
  test("both versions of a contract show its overrides; commits their rate type", async () => {
    const key = await contractOf({
      multiplier_override_prioritization: "EXPLICIT",
      commits: [
        {
          type: "PREPAID",
          product_id: fee,
          temporary_id: "grant",
          rate_type: "COMMIT_RATE",
          access_schedule: access(80),
        },
      ],
      overrides: [
        { type: "OVERWRITE", overwrite_rate: overwrite(60), product_id: calls, starting_at: START },
        {
          type: "TIERED",
          tiers: [{ size: 10, multiplier: 1 }, { multiplier: 0.8 }],
          priority: 1.5,
          is_commit_specific: true,
          target: "COMMIT_RATE",
          override_specifiers: [{ product_tags: ["network"], commit_ids: ["grant"] }],
          starting_at: START,
          ending_before: "2024-06-01T00:00:00Z",
        },
        { entitled: true, applicable_product_tags: ["network"], starting_at: START },
      ],
    });
    const { metronome } = server;
    const v1 = (await metronome.v1.contracts.retrieve(key)).data;
    const v2 = (await metronome.v2.contracts.retrieve(key)).data;
    const [commit] = v2.commits;
    expect(commit?.rate_type).toBe("COMMIT_RATE");
    const base = {
      id: expect.any(String),
      created_at: "2024-03-10T00:00:00Z",
      starting_at: START,
      is_commit_specific: false,
    };
    expect(v2.overrides).toEqual([
      {
        ...base,
        type: "OVERWRITE",
        product: { id: calls, name: "Calls" },
        overwrite_rate: { rate_type: "FLAT", price: 60, credit_type: USD },
      },
      {
        ...base,
        type: "TIERED",
        override_tiers: [{ size: 10, multiplier: 1 }, { multiplier: 0.8 }],
        priority: 1.5,
        is_commit_specific: true,
        target: "COMMIT_RATE",
        override_specifiers: [{ product_tags: ["network"], commit_ids: [commit?.id] }],
        ending_before: "2024-06-01T00:00:00Z",
      },
      { ...base, entitled: true, applicable_product_tags: ["network"] },
    ]);
    expect(v1.current.overrides).toEqual(v2.overrides);
    expect(v2.multiplier_override_prioritization).toBe("EXPLICIT");
  });

  test("the contract's rate schedule has the list rate, the override and the commit rate", async () => {
    const key = await contractOf({
      overrides: [
        {
          type: "MULTIPLIER",
          multiplier: 0.5,
          product_id: calls,
          starting_at: "2024-03-05T00:00:00Z",
          ending_before: "2024-05-01T00:00:00Z",
        },
        {
          entitled: false,
          override_specifiers: [{ product_id: regional, pricing_group_values: { region: "us" } }],
          starting_at: START,
        },
      ],
    });
    const { contracts } = server.metronome.v1;
    const { data } = await contracts.retrieveRateSchedule(key);
    expect(data).toEqual([
      {
        product_id: calls,
        product_name: "Calls",
        product_tags: [],
        product_custom_fields: {},
        rate_card_id: card,
        entitled: true,
        starting_at: "2024-03-05T00:00:00Z",
        ending_before: "2024-05-01T00:00:00Z",
        list_rate: { rate_type: "FLAT", price: 100, credit_type: USD },
        override_rate: { rate_type: "FLAT", price: 50, credit_type: USD },
        commit_rate: { rate_type: "FLAT", price: 80 },
      },
      expect.objectContaining({
        product_id: regional,
        pricing_group_values: { region: "eu" },
        starting_at: "2020-01-01T00:00:00Z",
      }),
    ]);
    const before = await contracts.retrieveRateSchedule({
      ...key,
      at: "2024-03-02T00:00:00Z",
      selectors: [{ product_id: calls }],
    });
    expect(before.data).toEqual([
      expect.objectContaining({ ending_before: "2024-03-05T00:00:00Z" }),
    ]);
    expect(before.data[0]).not.toHaveProperty("override_rate");
    const first = await contracts.retrieveRateSchedule({ ...key, limit: 1 });
    const second = await contracts.retrieveRateSchedule({
      ...key,
      next_page: first.next_page ?? "",
    });
    expect([...first.data, ...second.data]).toEqual(data);
  });

  test("rate cards show commit rates", async () => {
    const { data } = await server.metronome.v1.contracts.rateCards.rates.list({
      rate_card_id: card,
      at: START,
      selectors: [{ product_id: calls }],
    });
    expect(data[0]).toMatchObject({ commit_rate: { rate_type: "FLAT", price: 80 } });
  });
});

describe("refusals name the field and the rule, and nothing is created", () => {
  const half = { type: "MULTIPLIER", multiplier: 0.5 };
  const specify = (specifier: object, rest: object = half) => ({
    ...rest,
    override_specifiers: [specifier],
  });
  const cases: [string, () => object, string][] = [
    ["no scope", () => half, "override_specifiers or product_id or applicable_product_tags"],
    [
      "two scopes",
      () => ({ ...half, product_id: calls, applicable_product_tags: ["network"] }),
      "one of the three",
    ],
    ["an empty specifier", () => specify({}), "override_specifiers[0].product_id or product_tags"],
    ["nothing changes", () => ({ product_id: calls }), "overrides[0].type is missing"],
    [
      "a type without its content",
      () => ({ type: "MULTIPLIER", product_id: calls }),
      "overrides[0].multiplier is required for MULTIPLIER",
    ],
    [
      "content of another type",
      () => ({ ...half, overwrite_rate: overwrite(1), product_id: calls }),
      "overrides[0].overwrite_rate is only for type OVERWRITE",
    ],
    [
      "a negative multiplier",
      () => ({ type: "MULTIPLIER", multiplier: -0.5, product_id: calls }),
      "overrides[0].multiplier must be at least 0",
    ],
    [
      "a negative price",
      () => ({ overwrite_rate: overwrite(-1), product_id: calls }),
      "overrides[0].overwrite_rate.price must be at least 0",
    ],
    [
      "a product that is not on the card",
      () => ({ ...half, product_id: fee }),
      "overrides[0].product_id must be of a product on the contract's rate card",
    ],
    [
      "an overwrite by tag",
      () => ({ overwrite_rate: overwrite(1), applicable_product_tags: ["network"] }),
      "applicable_product_tags are not for overwrites",
    ],
    [
      "an overwrite of a dimensional product without its values",
      () => ({ overwrite_rate: overwrite(1), product_id: regional }),
      "pricing_group_values of an overwrite must name region too",
    ],
    [
      "an overwrite by presentation values",
      () =>
        specify(
          { product_id: calls, presentation_group_values: { team: "red" } },
          { overwrite_rate: overwrite(1) },
        ),
      "presentation_group_values has team, which the product has not",
    ],
    [
      "a group that the product does not have",
      () => specify({ product_id: regional, pricing_group_values: { zone: "a" } }),
      "pricing_group_values has zone, which the product has not",
    ],
    [
      "an overwrite in another currency",
      () => ({ overwrite_rate: { ...overwrite(1), credit_type_id: EUR }, product_id: calls }),
      "overwrite_rate.credit_type_id must be 2714e483-4ff1-48e4-9e25-ac732e8f24f2",
    ],
    [
      "a percentage of usage",
      () => ({ overwrite_rate: { rate_type: "PERCENTAGE", price: 0.5 }, product_id: calls }),
      "PERCENTAGE is for COMPOSITE products",
    ],
    [
      "tiers out of order",
      () => ({
        overwrite_rate: { rate_type: "TIERED", tiers: [{ price: 1 }, { price: 2 }] },
        product_id: calls,
      }),
      "overwrite_rate.tiers[0].size must be greater than 0",
    ],
    [
      "multiplier tiers without EXPLICIT",
      () => ({ tiers: [{ multiplier: 1 }], priority: 1, product_id: calls }),
      "TIERED needs multiplier_override_prioritization EXPLICIT",
    ],
    [
      "a priority of 0",
      () => ({ ...half, priority: 0, product_id: calls }),
      "overrides[0].priority must be above 0",
    ],
    [
      "a window backwards",
      () => ({ ...half, product_id: calls, ending_before: "2024-02-01T00:00:00Z" }),
      "overrides[0].ending_before must be after starting_at",
    ],
    [
      "a commit rate for all",
      () => ({ ...half, product_id: calls, target: "COMMIT_RATE" }),
      "overrides[0].target COMMIT_RATE needs is_commit_specific",
    ],
    [
      "commits of an override for all",
      () => specify({ product_id: calls, commit_ids: [NOWHERE] }),
      "commit_ids needs is_commit_specific",
    ],
    [
      "a commit that is not there",
      () =>
        specify(
          { product_id: calls, commit_ids: [NOWHERE] },
          { ...half, is_commit_specific: true },
        ),
      `commit_ids has ${NOWHERE}, which is none of the commits`,
    ],
    [
      "a recurring commit that is none",
      () =>
        specify(
          { product_id: calls, recurring_commit_ids: [NOWHERE] },
          { ...half, is_commit_specific: true },
        ),
      `recurring_commit_ids has ${NOWHERE}, which is none of the recurring commits`,
    ],
    [
      "recurring commits beside any commits and credits",
      () =>
        specify(
          {
            product_id: calls,
            recurring_commit_ids: [NOWHERE],
            any_commit_or_credit_ids: [NOWHERE],
          },
          { ...half, is_commit_specific: true },
        ),
      "any_commit_or_credit_ids stands in place of recurring_commit_ids, not beside it",
    ],
  ];
  test.each(cases)("%s", async (_what, override, message) => {
    const customer_id = await createCustomer(server.metronome);
    const body = {
      customer_id,
      rate_card_id: card,
      starting_at: START,
      overrides: [{ starting_at: START, ...override() }],
    };
    const reply = await server.send("POST", "/v1/contracts/create", body);
    expect(reply).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining(message) },
    });
    const { data } = await server.metronome.v1.contracts.list({ customer_id });
    expect(data).toEqual([]);
  });

  test("EXPLICIT needs a priority; overrides need a rate card", async () => {
    const customer_id = await createCustomer(server.metronome);
    const overrides = [{ ...half, starting_at: START, product_id: calls }];
    const create = (fields: object) =>
      server.send("POST", "/v1/contracts/create", {
        customer_id,
        starting_at: START,
        overrides,
        ...fields,
      });
    const explicit = { multiplier_override_prioritization: "EXPLICIT", rate_card_id: card };
    expect(await create(explicit)).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining("overrides[0].priority is required") },
    });
    expect(await create({})).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining("need a contract with a rate card") },
    });
  });
});
