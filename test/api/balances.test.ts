import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../support/server.ts";

const NOWHERE = "00000000-0000-4000-8000-000000000000";
const EUR = "ab6a6f74-f0d9-5c63-9800-1b379eb1b12c";
const DAY = "2024-03-05T12:00:00Z";

let server: TestServer;
let fixed: string;
let card: string;
let usage: string;

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock("2024-03-05T13:00:00Z");
  const { v1 } = server.metronome;
  const metric = await v1.billableMetrics.create({
    name: "Calls",
    aggregation_type: "SUM",
    aggregation_key: "calls",
    property_filters: [{ name: "calls", exists: true }],
  });
  const product = { name: "Calls", type: "USAGE" as const, billable_metric_id: metric.data.id };
  usage = (await v1.contracts.products.create(product)).data.id;
  fixed = (await v1.contracts.products.create({ name: "Credit", type: "FIXED" })).data.id;
  card = (await v1.contracts.rateCards.create({ name: "List prices" })).data.id;
  await v1.contracts.rateCards.rates.add({
    rate_card_id: card,
    product_id: usage,
    starting_at: "2024-01-01T00:00:00Z",
    entitled: true,
    rate_type: "FLAT",
    price: 100,
  });
});
afterAll(() => server.close());

const v1 = () => server.metronome.v1;
const createCustomer = async (): Promise<string> =>
  (await v1().customers.create({ name: "Ada" })).data.id;
const createContract = async (customer_id: string, fields: object = {}): Promise<string> => {
  const body = { customer_id, starting_at: "2024-03-01T00:00:00Z", rate_card_id: card, ...fields };
  return (await v1().contracts.create(body)).data.id;
};
const access = (amount: number, from = "2024-03-01", to = "2024-05-01") => ({
  schedule_items: [{ amount, starting_at: `${from}T00:00:00Z`, ending_before: `${to}T00:00:00Z` }],
});
const createCredit = async (
  customer_id: string,
  amount: number,
  fields: object = {},
): Promise<string> => {
  const body = {
    customer_id,
    product_id: fixed,
    priority: 1,
    access_schedule: access(amount),
    ...fields,
  };
  return (await v1().customers.credits.create(body)).data.id;
};
const prepaid = (customer_id: string, fields: object = {}) => ({
  customer_id,
  type: "PREPAID" as const,
  product_id: fixed,
  priority: 2,
  access_schedule: access(1000),
  ...fields,
});
const use = (customer_id: string, calls: string) =>
  v1().usage.ingest({
    usage: [
      {
        transaction_id: `${customer_id}-${calls}`,
        customer_id,
        event_type: "call",
        timestamp: DAY,
        properties: { calls },
      },
    ],
  });
const balances = async (customer_id: string, fields: object = {}) => {
  const query = { customer_id, include_balance: true, include_contract_balances: true, ...fields };
  return (await v1().contracts.listBalances(query)).data;
};

describe("balances", () => {
  test("a draft reserves what it would burn, in the order of priority", async () => {
    const customer_id = await createCustomer();
    await createContract(customer_id, {
      commits: [{ type: "PREPAID", product_id: fixed, access_schedule: access(1000) }],
    });
    await createCredit(customer_id, 300);
    await use(customer_id, "4.5");
    // 4.5 calls at 100: the credit (priority 1) pays 300, the commit (100) the other 150.
    const listed = await balances(customer_id, { include_ledgers: true });
    expect(listed.map(({ type, balance }) => [type, balance])).toEqual([
      ["PREPAID", 850],
      ["CREDIT", 0],
    ]);
    const [invoice] = (await v1().customers.invoices.list({ customer_id })).data;
    expect(listed.map(({ ledger }) => ledger)).toEqual([
      [
        {
          type: "PREPAID_COMMIT_SEGMENT_START",
          amount: 1000,
          timestamp: "2024-03-01T00:00:00Z",
          segment_id: expect.any(String),
        },
        {
          type: "PREPAID_COMMIT_AUTOMATED_INVOICE_DEDUCTION",
          amount: -150,
          timestamp: "2024-04-01T00:00:00Z",
          segment_id: expect.any(String),
          invoice_id: invoice?.id,
          contract_id: invoice?.contract_id,
        },
      ],
      [
        expect.objectContaining({ type: "CREDIT_SEGMENT_START", amount: 300 }),
        expect.objectContaining({ type: "CREDIT_AUTOMATED_INVOICE_DEDUCTION", amount: -300 }),
      ],
    ]);
    const net = (fields: object) => v1().contracts.getNetBalance({ customer_id, ...fields });
    expect((await net({})).data).toEqual({ balance: 850, credit_type_id: expect.any(String) });
    expect((await net({ invoice_inclusion_mode: "FINALIZED" })).data.balance).toBe(1300);
    expect((await net({ filters: [{ balance_types: ["CREDIT"] }] })).data.balance).toBe(0);
    expect((await net({ credit_type_id: EUR })).data.balance).toBe(0);
    const rest = await balances(customer_id, { exclude_zero_balances: true });
    expect(rest.map(({ type }) => type)).toEqual(["PREPAID"]);
  });

  test("balances and ledgers come only when they are asked for", async () => {
    const customer_id = await createCustomer();
    await createCredit(customer_id, 300);
    const [credit] = (await v1().contracts.listBalances({ customer_id })).data;
    expect(credit).not.toHaveProperty("balance");
    expect(credit).not.toHaveProperty("ledger");
  });

  test("only a window of access that is open now counts", async () => {
    const customer_id = await createCustomer();
    await createCredit(customer_id, 100, {
      access_schedule: access(100, "2024-01-01", "2024-02-01"),
    });
    await createCredit(customer_id, 200, {
      access_schedule: access(200, "2024-04-01", "2024-05-01"),
    });
    await createCredit(customer_id, 400);
    const listed = await balances(customer_id, { include_ledgers: true });
    expect(listed.map(({ balance }) => balance)).toEqual([0, 0, 400]);
    expect(listed.map(({ ledger }) => ledger?.map(({ amount }) => amount))).toEqual([
      [100, -100],
      [],
      [400],
    ]);
    const ids = (fields: object) => balances(customer_id, fields).then((found) => found.length);
    expect(await ids({ covering_date: "2024-01-15T00:00:00Z" })).toBe(1);
    expect(await ids({ starting_at: "2024-02-01T00:00:00Z" })).toBe(2);
    expect(await ids({ effective_before: "2024-03-01T00:00:00Z" })).toBe(1);
  });

  test("pages follow the order of creation", async () => {
    const customer_id = await createCustomer();
    const created = [
      await createCredit(customer_id, 1),
      await createCredit(customer_id, 2),
      await createCredit(customer_id, 3),
    ];
    const found: string[] = [];
    for await (const { id } of v1().contracts.listBalances({ customer_id, limit: 2 }))
      found.push(id);
    expect(found).toEqual(created);
    const wrong = await server.send("POST", "/v1/contracts/customerBalances/list", {
      customer_id,
      limit: 26,
    });
    expect(wrong.status).toBe(400);
    const token = await server.send("POST", "/v1/contracts/customerBalances/list", {
      customer_id,
      next_page: "nonsense",
    });
    expect(token.status).toBe(400);
    for (const field of ["covering_date", "starting_at", "effective_before"]) {
      const body = { customer_id, [field]: "1969-01-01T00:00:00Z" };
      const reply = await server.send("POST", "/v1/contracts/customerBalances/list", body);
      expect(reply).toMatchObject({
        status: 400,
        body: { message: expect.stringContaining(`${field}: 1969-01-01T00:00:00Z is not between`) },
      });
    }
  });
});

describe("commits of a customer", () => {
  test("a purchase opens an invoice of the contract that bills it", async () => {
    const customer_id = await createCustomer();
    const contract_id = await createContract(customer_id);
    const invoice_schedule = {
      schedule_items: [{ timestamp: "2024-06-01T00:00:00Z", amount: 800 }],
    };
    const unbilled = prepaid(customer_id, { invoice_schedule });
    await expect(v1().customers.commits.create(unbilled)).rejects.toMatchObject({ status: 400 });
    await v1().customers.commits.create({ ...unbilled, invoice_contract_id: contract_id });
    const drafts = (await v1().customers.invoices.list({ customer_id, type: "SCHEDULED" })).data;
    expect(
      drafts.map(({ status, total, line_items }) => [status, total, line_items[0]?.type]),
    ).toEqual([["DRAFT", 800, "commit_purchase"]]);
  });

  test("one that is not invoiced is free", async () => {
    const customer_id = await createCustomer();
    const invoice_schedule = {
      do_not_invoice: true,
      schedule_items: [{ timestamp: "2024-03-01T00:00:00Z", amount: 800 }],
    };
    await v1().customers.commits.create(prepaid(customer_id, { invoice_schedule }));
    const [commit] = (await v1().customers.commits.list({ customer_id })).data;
    expect(commit?.invoice_schedule).toMatchObject({
      do_not_invoice: true,
      schedule_items: [{ amount: 800 }],
    });
    expect((await v1().customers.invoices.list({ customer_id })).data).toEqual([]);
  });

  test("lists keep commits, credits and those of contracts apart", async () => {
    const customer_id = await createCustomer();
    await createContract(customer_id, {
      commits: [{ type: "PREPAID", product_id: fixed, access_schedule: access(1) }],
      credits: [{ product_id: fixed, access_schedule: access(1) }],
    });
    const commit = (await v1().customers.commits.create(prepaid(customer_id))).data.id;
    const credit = await createCredit(customer_id, 1);
    const { commits, credits } = v1().customers;
    expect((await commits.list({ customer_id })).data.map(({ id }) => id)).toEqual([commit]);
    expect((await credits.list({ customer_id })).data.map(({ id }) => id)).toEqual([credit]);
    expect((await commits.list({ customer_id, include_contract_commits: true })).data).toHaveLength(
      2,
    );
    expect((await credits.list({ customer_id, include_contract_credits: true })).data).toHaveLength(
      2,
    );
    expect((await commits.list({ customer_id, commit_id: NOWHERE })).data).toEqual([]);
    expect(await balances(customer_id, { include_contract_balances: false })).toHaveLength(2);
  });

  test("a uniqueness key is used once, by a commit or a credit", async () => {
    const customer_id = await createCustomer();
    await createCredit(customer_id, 1, { uniqueness_key: "k" });
    await expect(createCredit(customer_id, 1, { uniqueness_key: "k" })).rejects.toMatchObject({
      status: 409,
      error: { message: "This uniqueness key has already been used." },
    });
    expect(await balances(customer_id)).toHaveLength(1);
  });

  test.each<[string, object, number, string]>([
    ["no priority", { priority: undefined }, 400, "priority is required"],
    ["no product", { product_id: NOWHERE }, 404, "Product"],
    ["a product to apply to that is none", { applicable_product_ids: [NOWHERE] }, 404, "Product"],
    [
      "a contract that is not the customer's",
      { applicable_contract_ids: [NOWHERE] },
      404,
      "Contract",
    ],
    [
      "a currency that is none",
      { access_schedule: { ...access(1), credit_type_id: NOWHERE } },
      400,
      "neither a currency nor a pricing unit",
    ],
    ["a specifier of no product", { specifiers: [{ product_id: NOWHERE }] }, 404, "Product"],
    ["a specifier of nothing", { specifiers: [{}] }, 400, "specifiers[0] names nothing"],
    [
      "access off the hour",
      {
        access_schedule: {
          schedule_items: [
            {
              amount: 1,
              starting_at: "2024-03-01T00:00:00.5Z",
              ending_before: "2024-04-01T00:00:00Z",
            },
          ],
        },
      },
      400,
      "must be on the hour",
    ],
    ["no access at all", { access_schedule: { schedule_items: [] } }, 400, "schedule_items"],
    [
      "an amount that is no number",
      {
        access_schedule: {
          schedule_items: [
            {
              amount: "NaN",
              starting_at: "2024-03-01T00:00:00Z",
              ending_before: "2024-04-01T00:00:00Z",
            },
          ],
        },
      },
      400,
      "must be a decimal number",
    ],
    [
      "an invoice for a credit",
      { invoice_schedule: { schedule_items: [] } },
      400,
      "unknown field invoice_schedule",
    ],
    [
      "a uniqueness key of 129 characters",
      { uniqueness_key: "k".repeat(129) },
      400,
      "uniqueness_key",
    ],
  ])("a credit with %s is refused", async (_what, fields, status, message) => {
    const customer_id = await createCustomer();
    const body = {
      customer_id,
      product_id: fixed,
      priority: 1,
      access_schedule: access(1),
      ...fields,
    };
    const reply = await server.send("POST", "/v1/contracts/customerCredits/create", body);
    expect(reply).toMatchObject({ status, body: { message: expect.stringContaining(message) } });
    expect(await balances(customer_id)).toEqual([]);
  });

  test("an archived contract takes its commits along", async () => {
    const customer_id = await createCustomer();
    const contract_id = await createContract(customer_id, {
      credits: [{ product_id: fixed, access_schedule: access(50) }],
    });
    await v1().contracts.archive({ customer_id, contract_id, void_invoices: false });
    expect(await balances(customer_id)).toEqual([]);
    const [archived] = await balances(customer_id, { include_archived: true });
    expect(archived).toMatchObject({ balance: 0, archived_at: "2024-03-05T13:00:00Z" });
    expect((await v1().customers.invoices.list({ customer_id })).data).toEqual([]);
  });
});
