import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createCustomer,
  createFixedProduct,
  createRateCard,
  createUsageProduct,
} from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

const NOWHERE = "00000000-0000-4000-8000-000000000000";
const START = "2024-02-01T00:00:00Z";
const SEATS = "seats";

let server: TestServer;
let fixed: string;
let calls: string;
let seats: string;
let card: string;

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock("2024-01-01T00:00:00Z");
  const { metronome } = server;
  fixed = await createFixedProduct(metronome, "Fee");
  calls = await createUsageProduct(metronome, "calls");
  seats = (await metronome.v1.contracts.products.create({ name: SEATS, type: "SUBSCRIPTION" })).data
    .id;
  card = await createRateCard(metronome, [[calls, 100]]);
  await metronome.v1.contracts.rateCards.rates.add({
    rate_card_id: card,
    product_id: seats,
    starting_at: "2020-01-01T00:00:00Z",
    entitled: true,
    rate_type: "FLAT",
    price: 500,
    billing_frequency: "MONTHLY",
  });
});
afterAll(() => server.close());

const v1 = () => server.metronome.v1;
const months = (value: number) => ({ value, unit: "MONTHS" as const });
const days = (value: number) => ({ value, unit: "DAYS" as const });
const create = (body: object) => v1().packages.create({ name: "Starter", ...body });

/** Everything that a package can hold, with what it comes to from February on. */
const terms = () => ({
  contract_name: "Starter plan",
  rate_card_id: card,
  net_payment_terms_days: 15,
  duration: months(12),
  usage_statement_schedule: {
    frequency: "MONTHLY" as const,
    day: "CONTRACT_START" as const,
    invoice_generation_starting_at_offset: months(1),
  },
  scheduled_charges_on_usage_invoices: "ALL" as const,
  multiplier_override_prioritization: "EXPLICIT" as const,
  commits: [
    {
      type: "PREPAID" as const,
      name: "Allowance",
      product_id: fixed,
      priority: 5,
      rollover_fraction: 0.5,
      temporary_id: "allowance",
      access_schedule: {
        schedule_items: [
          { amount: 1_000, starting_at_offset: months(0), duration: months(6) },
          { amount: 2_000.5, starting_at_offset: months(6), duration: months(6) },
        ],
      },
      invoice_schedule: {
        schedule_items: [{ unit_price: 900, quantity: 3, date_offset: days(14) }],
      },
    },
  ],
  credits: [
    {
      name: "Welcome",
      product_id: fixed,
      access_schedule: {
        schedule_items: [{ amount: 50, starting_at_offset: days(0), duration: days(30) }],
      },
    },
  ],
  scheduled_charges: [
    {
      name: "Setup",
      product_id: fixed,
      schedule: { schedule_items: [{ unit_price: 250, quantity: 2, date_offset: months(0) }] },
    },
  ],
  overrides: [
    {
      starting_at_offset: months(1),
      duration: months(2),
      type: "MULTIPLIER" as const,
      multiplier: 0.8,
      priority: 1,
      is_commit_specific: true,
      override_specifiers: [{ product_id: calls, commit_ids: ["allowance"] }],
    },
  ],
  recurring_credits: [
    {
      product_id: fixed,
      priority: 10,
      access_amount: {
        unit_price: 10,
        quantity: 1,
        credit_type_id: "2714e483-4ff1-48e4-9e25-ac732e8f24f2",
      },
      commit_duration: { value: 1 },
      starting_at_offset: months(1),
      duration: months(3),
    },
  ],
  subscriptions: [
    {
      subscription_rate: { billing_frequency: "MONTHLY" as const, product_id: seats },
      collection_schedule: "ARREARS" as const,
      proration: { is_prorated: true },
      initial_quantity: 3,
      starting_at_offset: months(1),
      duration: months(4),
    },
  ],
});

const at = (date: string) => `${date}T00:00:00Z`;
const byHand = () => {
  const { contract_name, duration: _, ...shared } = terms();
  const [commit] = shared.commits;
  const [override] = shared.overrides;
  const [recurring] = shared.recurring_credits;
  const [subscription] = shared.subscriptions;
  const cut = <Part extends { starting_at_offset: object; duration: object }>(part: Part) => {
    const { starting_at_offset: _from, duration: _to, ...rest } = part;
    return rest;
  };
  if (!commit || !override || !recurring || !subscription) throw new Error("The terms have parts");
  return {
    ...shared,
    name: contract_name,
    starting_at: START,
    ending_before: at("2025-02-01"),
    usage_statement_schedule: {
      frequency: "MONTHLY",
      day: "CONTRACT_START",
      invoice_generation_starting_at: at("2024-03-01"),
    },
    commits: [
      {
        ...commit,
        access_schedule: {
          schedule_items: [
            { amount: 1_000, starting_at: START, ending_before: at("2024-08-01") },
            { amount: 2_000.5, starting_at: at("2024-08-01"), ending_before: at("2025-02-01") },
          ],
        },
        invoice_schedule: {
          schedule_items: [{ unit_price: 900, quantity: 3, timestamp: at("2024-02-15") }],
        },
      },
    ],
    credits: [
      {
        name: "Welcome",
        product_id: fixed,
        access_schedule: {
          schedule_items: [{ amount: 50, starting_at: START, ending_before: at("2024-03-02") }],
        },
      },
    ],
    scheduled_charges: [
      {
        name: "Setup",
        product_id: fixed,
        schedule: { schedule_items: [{ unit_price: 250, quantity: 2, timestamp: START }] },
      },
    ],
    overrides: [
      { ...cut(override), starting_at: at("2024-03-01"), ending_before: at("2024-05-01") },
    ],
    recurring_credits: [
      { ...cut(recurring), starting_at: at("2024-03-01"), ending_before: at("2024-06-01") },
    ],
    subscriptions: [
      { ...cut(subscription), starting_at: at("2024-03-01"), ending_before: at("2024-07-01") },
    ],
  };
};

/** A contract less what no two contracts share, ids named by their order. */
async function shape(customer_id: string, contract_id: string): Promise<unknown> {
  const { data } = await server.metronome.v2.contracts.retrieve({ customer_id, contract_id });
  const names = new Map<string, string>();
  const { package_id: _, ...contract } = data as unknown as Record<string, unknown>;
  const shared = new Set([fixed, calls, seats, card]);
  const text = JSON.stringify(contract).replace(
    /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g,
    (id) => {
      if (shared.has(id)) return id;
      if (!names.has(id)) names.set(id, `id ${names.size}`);
      return names.get(id) ?? "";
    },
  );
  return JSON.parse(text);
}

describe("a package", () => {
  test("gives a contract that equals the one created by hand", async () => {
    const { data: made } = await create(terms());
    const customer_id = await createCustomer(server.metronome);
    const { data: provisioned } = await v1().contracts.create({
      customer_id,
      starting_at: START,
      package_id: made.id,
    });
    const other = await createCustomer(server.metronome);
    const { data: own } = await v1().contracts.create({
      customer_id: other,
      ...(byHand() as { starting_at: string }),
    });
    expect(await shape(customer_id, provisioned.id)).toEqual(await shape(other, own.id));
    const read = await server.metronome.v2.contracts.retrieve({
      customer_id,
      contract_id: provisioned.id,
    });
    expect(read.data).toMatchObject({ package_id: made.id, name: "Starter plan" });
    const first = await v1().contracts.retrieve({ customer_id, contract_id: provisioned.id });
    expect(first.data).toMatchObject({ package_id: made.id });
    const on = await v1().packages.listContractsOnPackage({ package_id: made.id });
    expect(on.data).toEqual([
      {
        customer_id,
        contract_id: provisioned.id,
        starting_at: START,
        ending_before: at("2025-02-01"),
      },
    ]);
    const covering = await v1().packages.listContractsOnPackage({
      package_id: made.id,
      covering_date: at("2025-02-01"),
    });
    expect(covering.data).toEqual([]);
  });

  test("leaves nothing of the customer and the contract that its terms are tried out with", async () => {
    const kept = async () => {
      const count = async (table: "customers" | "contracts" | "commits" | "invoices") =>
        (await server.db.selectFrom(table).select("id").execute()).length;
      const { rows: jobs } = await sql`select key from core_jobs`.execute(server.db);
      const { data } = await v1().customers.list();
      return {
        customers: await count("customers"),
        contracts: await count("contracts"),
        commits: await count("commits"),
        invoices: await count("invoices"),
        jobs: jobs.length,
        listed: data.map(({ name }) => name),
      };
    };
    const before = await kept();
    await create(terms());
    expect(await kept()).toEqual(before);
  });

  test("shows its terms with ids, products and templates", async () => {
    const { data: made } = await create({ ...terms(), uniqueness_key: "starter-1" });
    const { data } = await v1().packages.retrieve({ package_id: made.id });
    const product = { id: fixed, name: "Fee" };
    expect(data).toMatchObject({
      id: made.id,
      name: "Starter",
      contract_name: "Starter plan",
      uniqueness_key: "starter-1",
      rate_card_id: card,
      duration: months(12),
      net_payment_terms_days: 15,
      usage_statement_schedule: { frequency: "MONTHLY", day: "CONTRACT_START" },
      commits: [
        {
          type: "PREPAID",
          product,
          priority: 5,
          rollover_fraction: 0.5,
          access_schedule: {
            credit_type: { name: "USD (cents)" },
            schedule_items: [
              { amount: 1_000, starting_at_offset: months(0), duration: months(6) },
              { amount: 2_000.5, starting_at_offset: months(6), duration: months(6) },
            ],
          },
          invoice_schedule: {
            do_not_invoice: false,
            schedule_items: [{ unit_price: 900, quantity: 3, date_offset: days(14) }],
          },
        },
      ],
      credits: [{ name: "Welcome", product }],
      scheduled_charges: [{ product, schedule: { schedule_items: [{ unit_price: 250 }] } }],
      recurring_credits: [{ product, access_amount: { unit_price: 10, quantity: 1 } }],
      subscriptions: [
        {
          initial_quantity: 3,
          subscription_rate: { product: { id: seats, name: SEATS }, billing_frequency: "MONTHLY" },
        },
      ],
      overrides: [
        {
          multiplier: 0.8,
          starting_at_offset: months(1),
          override_specifiers: [{ product_id: calls, commit_template_ids: [data.commits[0]?.id] }],
        },
      ],
    });
    const again = await v1().packages.retrieve({ package_id: made.id });
    expect(again.data).toEqual(data);
  });

  test("is listed in pages, and by whether it is archived", async () => {
    const before = (await v1().packages.list({})).data.length;
    const ids = [];
    for (const name of ["One", "Two", "Three"]) ids.push((await create({ name })).data.id);
    const page = await v1().packages.list({ limit: before + 2 });
    expect(page.data.slice(before).map(({ name }) => name)).toEqual(["One", "Two"]);
    const rest = await v1().packages.list({ limit: 50, next_page: page.next_page ?? "" });
    expect(rest.data.map(({ name }) => name)).toEqual(["Three"]);
    expect(rest.hasNextPage()).toBe(false);
    await v1().packages.archive({ package_id: ids[1] ?? "" });
    const archived = await v1().packages.list({ archive_filter: "ARCHIVED" });
    expect(archived.data.map(({ id }) => id)).toEqual([ids[1]]);
    const all = await v1().packages.list({ archive_filter: "ALL", limit: 100 });
    expect(all.data.length).toBe(before + 3);
    const customer_id = await createCustomer(server.metronome);
    await expect(
      v1().contracts.create({ customer_id, starting_at: START, package_id: ids[1] ?? "" }),
    ).rejects.toThrow(`400 Package ${ids[1]} is archived`);
  });

  test("is found by the alias that it bears at the contract's start; the last one given wins", async () => {
    const from = (starting_at?: string, ending_before?: string) => ({
      name: "basic",
      ...(starting_at ? { starting_at } : {}),
      ...(ending_before ? { ending_before } : {}),
    });
    const first = (await create({ aliases: [from()] })).data.id;
    const second = (await create({ aliases: [from(at("2024-06-01"))] })).data.id;
    const customer_id = await createCustomer(server.metronome);
    const provision = async (starting_at: string) => {
      const { data } = await v1().contracts.create({
        customer_id,
        starting_at,
        package_alias: "basic",
      });
      const read = await v1().contracts.retrieve({ customer_id, contract_id: data.id });
      return (read.data as { package_id?: string }).package_id;
    };
    expect(await provision(START)).toBe(first);
    expect(await provision(at("2024-06-01"))).toBe(second);
    await v1().packages.archive({ package_id: second });
    expect(await provision(at("2024-06-01"))).toBe(first);
    await expect(
      create({ aliases: [from(START, at("2024-05-01")), from(at("2024-04-01"))] }),
    ).rejects.toThrow('aliases[1] overlaps aliases[0]: "basic" is given twice for the same time');
  });
});

describe("what packages refuse", () => {
  const commit = (more: object) => ({
    commits: [
      {
        type: "PREPAID",
        product_id: fixed,
        access_schedule: {
          schedule_items: [{ amount: 1, starting_at_offset: days(0), duration: days(1) }],
        },
        ...more,
      },
    ],
  });
  const window = (starting_at_offset: object, duration: object) =>
    commit({
      access_schedule: { schedule_items: [{ amount: 1, starting_at_offset, duration }] },
    });
  test.each<[string, () => object, string]>([
    ["a negative offset", () => window(days(-1), days(1)), "starting_at_offset.value must be >= 0"],
    ["no duration", () => window(days(0), days(0)), "duration.value must be >= 1"],
    ["half a day", () => window(days(0.5), days(1)), "starting_at_offset.value must be integer"],
    ["an unknown unit", () => window({ value: 1, unit: "HOURS" }, days(1)), "DAYS, WEEKS"],
    ["a length beyond reach", () => ({ duration: { value: 900, unit: "YEARS" } }), "2200"],
    ["a date in place of an offset", () => ({ starting_at: START }), "unknown field"],
    ["a customer", () => ({ customer_id: NOWHERE }), "unknown field"],
    ["a product that is not there", () => commit({ product_id: NOWHERE }), "not found"],
    ["a promise without its date", () => commit({ type: "POSTPAID" }), "exactly one date"],
    ["a fraction above 1", () => commit({ rollover_fraction: 2 }), "must be at most 1"],
    ["a card that is not there", () => ({ rate_card_id: NOWHERE }), "not found"],
    ["two cards", () => ({ rate_card_id: card, rate_card_alias: "x" }), "either rate_card_id or"],
    ["what is not done", () => ({ spend_trackers: [{}] }), "spend_trackers is not supported"],
    [
      "a gate",
      () => commit({ payment_gate_config: { payment_gate_type: "STRIPE" } }),
      "payment_gate_config is not supported",
    ],
    [
      "a day of its own",
      () => ({ usage_statement_schedule: { frequency: "MONTHLY", day: "CUSTOM_DATE" } }),
      "must be one of FIRST_OF_MONTH, CONTRACT_START",
    ],
  ])("%s", async (_what, body, message) => {
    const before = (await v1().packages.list({ limit: 100 })).data.length;
    await expect(create(body())).rejects.toThrow(message);
    expect((await v1().packages.list({ limit: 100 })).data.length).toBe(before);
  });

  test("a used key, own terms beside a package, and packages that are not there", async () => {
    const { data: made } = await create({ uniqueness_key: "once", rate_card_id: card });
    await expect(create({ uniqueness_key: "once" })).rejects.toThrow(
      "409 This uniqueness key has already been used.",
    );
    const customer_id = await createCustomer(server.metronome);
    const provision = (body: object) =>
      v1().contracts.create({ customer_id, starting_at: START, ...body });
    await expect(provision({ package_id: made.id, rate_card_id: card })).rejects.toThrow(
      "400 rate_card_id cannot be given with a package",
    );
    await expect(
      provision({ package_id: made.id, ending_before: at("2025-01-01") }),
    ).rejects.toThrow("400 ending_before cannot be given with a package");
    await expect(provision({ package_id: made.id, package_alias: "basic" })).rejects.toThrow(
      "400 Give either package_id or package_alias",
    );
    await expect(provision({ package_id: NOWHERE })).rejects.toThrow("404 Package");
    await expect(provision({ package_alias: "nothing" })).rejects.toThrow("404 Package nothing");
    await expect(v1().packages.retrieve({ package_id: NOWHERE })).rejects.toThrow("404 Package");
    await expect(v1().packages.archive({ package_id: NOWHERE })).rejects.toThrow("404 Package");
    await expect(v1().packages.listContractsOnPackage({ package_id: NOWHERE })).rejects.toThrow(
      "400 Package",
    );
    await expect(server.production.v1.packages.retrieve({ package_id: made.id })).rejects.toThrow(
      "404 Package",
    );
    expect((await v1().contracts.list({ customer_id })).data).toEqual([]);
    // What is its own is allowed.
    const { data: old } = await provision({ package_id: made.id, uniqueness_key: "mine" });
    const { data: next } = await v1().contracts.create({
      customer_id,
      starting_at: at("2024-04-01"),
      package_id: made.id,
      transition: { type: "RENEWAL", from_contract_id: old.id },
    });
    const read = await v1().contracts.retrieve({ customer_id, contract_id: next.id });
    expect(read.data.current.transitions).toMatchObject([{ from_contract_id: old.id }]);
  });
});

describe("a customer with a contract in one request", () => {
  const post = (body: object) =>
    server.metronome.post<{ data: Record<string, unknown> }>(
      "/v1/composite/createCustomerWithContract",
      { body },
    );

  test("creates both, from terms or from a package, or neither", async () => {
    const { data } = await post({
      customer: { name: "Globex", ingest_aliases: ["globex"] },
      contract: { starting_at: START, rate_card_id: card, name: "First" },
    });
    expect(data).toMatchObject({ customer_name: "Globex", ingest_aliases: ["globex"] });
    const listed = await v1().contracts.list({ customer_id: String(data.customer_id) });
    expect(listed.data.map(({ id, current }) => [id, current.name])).toEqual([
      [data.contract_id, "First"],
    ]);
    const { data: made } = await create({ rate_card_id: card });
    const packaged = await post({
      customer: { name: "Initech" },
      contract: { starting_at: START, package_id: made.id },
    });
    expect(packaged.data).toMatchObject({ customer_name: "Initech" });

    await expect(
      post({
        customer: { name: "Nobody", ingest_aliases: ["nobody"] },
        contract: { starting_at: START, rate_card_id: NOWHERE },
      }),
    ).rejects.toThrow("404 Rate card");
    await expect(
      post({
        customer: { name: "Nobody" },
        contract: { customer_id: NOWHERE, starting_at: START },
      }),
    ).rejects.toThrow("400");
    await expect(post({ contract: { starting_at: START } })).rejects.toThrow("customer");
    const left = await v1().customers.list({ ingest_alias: "nobody" });
    expect(left.data).toEqual([]);
  });
});
