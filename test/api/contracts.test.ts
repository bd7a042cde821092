import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../support/server.ts";

const USD = { id: "2714e483-4ff1-48e4-9e25-ac732e8f24f2", name: "USD (cents)" };
const EUR = { id: "ab6a6f74-f0d9-5c63-9800-1b379eb1b12c", name: "EUR" };
const NOWHERE = "00000000-0000-4000-8000-000000000000";

let server: TestServer;
let usage: string;
let fixed: string;
let card: string;

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock("2024-03-10T00:00:00Z");
  const { v1 } = server.metronome;
  const metric = await v1.billableMetrics.create({ name: "Calls", aggregation_type: "COUNT" });
  const product = { name: "Calls", type: "USAGE" as const, billable_metric_id: metric.data.id };
  usage = (await v1.contracts.products.create(product)).data.id;
  fixed = (await v1.contracts.products.create({ name: "Fee", type: "FIXED" })).data.id;
  const aliases = [{ name: "standard" }];
  card = (await v1.contracts.rateCards.create({ name: "List prices", aliases })).data.id;
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

const contracts = () => server.metronome.v1.contracts;
const createCustomer = async (): Promise<string> =>
  (await server.metronome.v1.customers.create({ name: "Ada" })).data.id;
const createContract = async (customer_id: string, fields: object = {}): Promise<string> => {
  const body = { customer_id, starting_at: "2024-03-01T00:00:00Z", ...fields };
  return (await contracts().create(body)).data.id;
};
const access = (amount: number, from = "2024-03-01", to = "2025-03-01") => ({
  schedule_items: [{ amount, starting_at: `${from}T00:00:00Z`, ending_before: `${to}T00:00:00Z` }],
});

describe("contracts", () => {
  test("a contract reads back in both versions of the API", async () => {
    const customer_id = await createCustomer();
    const contract_id = await createContract(customer_id, {
      name: "Annual",
      rate_card_alias: "standard",
      ending_before: "2025-03-01T00:00:00Z",
      uniqueness_key: "annual-1",
      net_payment_terms_days: 30,
      commits: [
        {
          type: "prepaid",
          product_id: fixed,
          name: "Prepaid",
          access_schedule: access(10_000),
          invoice_schedule: {
            schedule_items: [{ timestamp: "2024-04-01T00:00:00Z", unit_price: 4000, quantity: 2 }],
          },
          applicable_product_ids: [usage],
        },
      ],
      credits: [{ product_id: fixed, access_schedule: access(500), priority: 1.5 }],
      scheduled_charges: [
        {
          product_id: fixed,
          name: "Support",
          schedule: {
            recurring_schedule: {
              starting_at: "2024-04-01T00:00:00Z",
              ending_before: "2024-07-01T00:00:00Z",
              frequency: "monthly",
              amount_distribution: "DIVIDED_ROUNDED",
              amount: 1000,
            },
          },
        },
      ],
      scheduled_charges_on_usage_invoices: "ALL",
    });

    const v1 = (await contracts().retrieve({ customer_id, contract_id })).data;
    const v2 = (await server.metronome.v2.contracts.retrieve({ customer_id, contract_id })).data;
    const terms = {
      name: "Annual",
      rate_card_id: card,
      starting_at: "2024-03-01T00:00:00Z",
      ending_before: "2025-03-01T00:00:00Z",
      net_payment_terms_days: 30,
      usage_statement_schedule: {
        frequency: "MONTHLY",
        billing_anchor_date: "2024-03-01T00:00:00Z",
      },
      scheduled_charges_on_usage_invoices: "ALL",
      overrides: [],
      transitions: [],
    };
    expect(v1).toMatchObject({
      id: contract_id,
      customer_id,
      uniqueness_key: "annual-1",
      amendments: [],
      initial: terms,
      current: terms,
    });
    expect(v2).toMatchObject({
      ...terms,
      id: contract_id,
      customer_id,
      usage_filter: [],
      has_more: { commits: false, credits: false },
      created_at: "2024-03-10T00:00:00Z",
    });
    expect(v2.commits).toEqual([
      {
        id: expect.any(String),
        type: "PREPAID",
        name: "Prepaid",
        product: { id: fixed, name: "Fee" },
        contract: { id: contract_id },
        invoice_contract: { id: contract_id },
        applicable_product_ids: [usage],
        priority: 100,
        rate_type: "LIST_RATE",
        access_schedule: {
          credit_type: USD,
          schedule_items: [
            {
              id: expect.any(String),
              amount: 10_000,
              starting_at: "2024-03-01T00:00:00Z",
              ending_before: "2025-03-01T00:00:00Z",
            },
          ],
        },
        invoice_schedule: {
          credit_type: USD,
          do_not_invoice: false,
          schedule_items: [
            {
              id: expect.any(String),
              timestamp: "2024-04-01T00:00:00Z",
              quantity: 2,
              unit_price: 4000,
              amount: 8000,
            },
          ],
        },
        custom_fields: {},
        created_at: "2024-03-10T00:00:00Z",
        created_by: expect.any(String),
      },
    ]);
    expect(v2.credits).toMatchObject([{ type: "CREDIT", priority: 1.5 }]);
    expect(v1.current.commits).toEqual(v2.commits);
    expect(
      v2.scheduled_charges.map(({ name, schedule }) => [
        name,
        schedule.schedule_items?.map((item) => [item.timestamp.slice(0, 10), item.amount]),
      ]),
    ).toEqual([
      [
        "Support",
        [
          ["2024-04-01", 333],
          ["2024-05-01", 333],
          ["2024-06-01", 334],
        ],
      ],
    ]);
  });

  test.each<[string, string, object | undefined, string, string]>([
    [
      "the 1st after the start",
      "2024-03-15T05:00:00Z",
      undefined,
      "MONTHLY",
      "2024-04-01T00:00:00Z",
    ],
    [
      "the start itself",
      "2024-03-15T05:00:00Z",
      { frequency: "QUARTERLY", day: "contract_start" },
      "QUARTERLY",
      "2024-03-15T05:00:00Z",
    ],
    [
      "the date given",
      "2024-03-15T05:00:00Z",
      { frequency: "WEEKLY", day: "CUSTOM_DATE", billing_anchor_date: "2024-03-10T00:00:00Z" },
      "WEEKLY",
      "2024-03-10T00:00:00Z",
    ],
  ])(
    "periods count from %s",
    async (_what, starting_at, usage_statement_schedule, frequency, anchor) => {
      const customer_id = await createCustomer();
      await createContract(customer_id, { starting_at, usage_statement_schedule });
      const { data } = await server.metronome.v2.contracts.list({ customer_id });
      expect(data[0]?.usage_statement_schedule).toEqual({ frequency, billing_anchor_date: anchor });
    },
  );

  test("custom fields and the way of billing are shown where they were set", async () => {
    const { v1, v2 } = server.metronome;
    const entities = ["contract", "commit", "contract_credit", "scheduled_charge"] as const;
    for (const entity of entities) {
      await v1.customFields.addKey({ entity, key: "memo", enforce_uniqueness: false });
    }
    const customer_id = await createCustomer();
    const direct = {
      billing_provider: "stripe" as const,
      delivery_method: "direct_to_billing_provider" as const,
    };
    const configuration = {
      stripe_customer_id: "cus_1",
      stripe_collection_method: "send_invoice",
    };
    await v1.customers.setBillingConfigurations({
      data: [{ customer_id, ...direct, configuration }],
    });
    const memo = (value: string) => ({ custom_fields: { memo: value } });
    const schedule = { schedule_items: [{ timestamp: "2024-04-01T00:00:00Z", amount: 1 }] };
    const contract_id = await createContract(customer_id, {
      ...memo("contract"),
      billing_provider_configuration: direct,
      commits: [
        { type: "PREPAID", product_id: fixed, access_schedule: access(1), ...memo("commit") },
      ],
      credits: [{ product_id: fixed, access_schedule: access(1), ...memo("credit") }],
      scheduled_charges: [{ product_id: fixed, schedule, ...memo("charge") }],
    });
    const { data } = await v2.contracts.retrieve({ customer_id, contract_id });
    expect(data.custom_fields).toEqual({ memo: "contract" });
    expect(data.commits[0]?.custom_fields).toEqual({ memo: "commit" });
    expect(data.credits?.[0]?.custom_fields).toEqual({ memo: "credit" });
    expect(data.scheduled_charges[0]?.custom_fields).toEqual({ memo: "charge" });
    expect(data.customer_billing_provider_configuration).toMatchObject({
      ...direct,
      customer_id,
      configuration,
      archived_at: null,
    });
  });

  test("a list takes one date, and leaves out archived contracts", async () => {
    const customer_id = await createCustomer();
    const first = await createContract(customer_id, { ending_before: "2024-06-01T00:00:00Z" });
    const second = await createContract(customer_id, { starting_at: "2024-06-01T00:00:00Z" });
    const ids = async (fields: object) =>
      (await contracts().list({ customer_id, ...fields })).data.map(({ id }) => id);
    expect(await ids({})).toEqual([first, second]);
    expect(await ids({ covering_date: "2024-05-31T23:59:59Z" })).toEqual([first]);
    expect(await ids({ covering_date: "2024-06-01T00:00:00Z" })).toEqual([second]);
    expect(await ids({ starting_at: "2024-03-01T01:00:00Z" })).toEqual([second]);
    const both = {
      customer_id,
      starting_at: "2024-06-01T00:00:00Z",
      covering_date: "2024-06-01T00:00:00Z",
    };
    await expect(contracts().list(both)).rejects.toMatchObject({ status: 400 });
    await contracts().archive({ customer_id, contract_id: first, void_invoices: false });
    expect(await ids({})).toEqual([second]);
    expect(await ids({ include_archived: true })).toEqual([first, second]);
  });

  test("an end that moves shows beside the one first agreed", async () => {
    const customer_id = await createCustomer();
    const contract_id = await createContract(customer_id, { rate_card_id: card });
    const key = { customer_id, contract_id };
    await contracts().updateEndDate({ ...key, ending_before: "2024-03-20T00:00:00Z" });
    const { data } = await contracts().retrieve(key);
    expect(data.initial.ending_before).toBeUndefined();
    expect(data.current.ending_before).toBe("2024-03-20T00:00:00Z");
    const invoices = await server.metronome.v1.customers.invoices.list({ customer_id });
    expect(invoices.data.map((invoice) => invoice.end_timestamp)).toEqual(["2024-03-20T00:00:00Z"]);
    const before = contracts().updateEndDate({ ...key, ending_before: "2024-03-01T00:00:00Z" });
    await expect(before).rejects.toMatchObject({ status: 400 });
    await contracts().updateEndDate(key);
    expect((await contracts().retrieve(key)).data.current.ending_before).toBeUndefined();
  });

  test("a uniqueness key makes one contract, however often it is sent at once", async () => {
    const customer_id = await createCustomer();
    const body = { customer_id, starting_at: "2024-03-01T00:00:00Z", uniqueness_key: "only-once" };
    const replies = await Promise.all(
      [1, 2, 3, 4].map(() => server.send("POST", "/v1/contracts/create", body)),
    );
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
    const refused = replies.find(({ status }) => status === 409);
    expect(refused?.body).toEqual({ message: "This uniqueness key has already been used." });
    expect(refused?.headers.get("x-should-retry")).toBe("false");
    expect((await contracts().list({ customer_id })).data).toHaveLength(1);
  });

  test("an alias finds the card it was given to last, at the contract's start", async () => {
    const { rateCards } = contracts();
    const named = async (aliases: object[]) =>
      (await rateCards.create({ name: "Card", aliases: aliases as [] })).data.id;
    const [from, middle] = ["2024-01-01T00:00:00Z", "2024-06-01T00:00:00Z"];
    const old = await named([{ name: "moving", starting_at: from }]);
    const later = await named([{ name: "moving", starting_at: middle }]);
    const customer_id = await createCustomer();
    const cardAt = async (starting_at: string) => {
      const contract_id = await createContract(customer_id, {
        starting_at,
        rate_card_alias: "moving",
      });
      return (await contracts().retrieve({ customer_id, contract_id })).data.current.rate_card_id;
    };
    expect(await cardAt("2024-05-31T23:00:00Z")).toBe(old);
    expect(await cardAt(middle)).toBe(later);
    const tooEarly = createContract(customer_id, {
      starting_at: "2023-12-31T23:00:00Z",
      rate_card_alias: "moving",
    });
    await expect(tooEarly).rejects.toMatchObject({ status: 404 });
  });

  const commit = (fields: object = {}) => ({
    commits: [{ type: "PREPAID", product_id: fixed, access_schedule: access(100), ...fields }],
  });
  const charge = (schedule: object) => ({ scheduled_charges: [{ product_id: fixed, schedule }] });
  const recurring = (fields: object) =>
    charge({
      recurring_schedule: {
        starting_at: "2024-04-01T00:00:00Z",
        ending_before: "2024-07-01T00:00:00Z",
        frequency: "MONTHLY",
        amount_distribution: "EACH",
        amount: 10,
        ...fields,
      },
    });

  test.each<[string, () => object, string]>([
    [
      "a start off the hour",
      () => ({ starting_at: "2024-03-01T00:00:01Z" }),
      "starting_at must be on the hour",
    ],
    [
      "an end before the start",
      () => ({ ending_before: "2024-03-01T00:00:00Z" }),
      "ending_before must be after starting_at",
    ],
    [
      "a year without its digits",
      () => ({ starting_at: "0024-03-01T00:00:00Z" }),
      "starting_at must be in the years 1900 to 9998",
    ],
    ["the year 0", () => ({ starting_at: "0000-03-01T00:00:00Z" }), "starting_at"],
    [
      "invoices from before all time",
      () => ({
        usage_statement_schedule: {
          frequency: "MONTHLY",
          invoice_generation_starting_at: "1969-01-01T00:00:00Z",
        },
      }),
      "invoice_generation_starting_at: 1969-01-01T00:00:00Z is not between",
    ],
    [
      "a day that is none",
      () => ({ starting_at: "2024-02-30T00:00:00Z" }),
      "must be an RFC 3339 instant",
    ],
    [
      "two rate cards",
      () => ({ rate_card_id: card, rate_card_alias: "standard" }),
      "either rate_card_id or rate_card_alias",
    ],
    [
      "an anchor without its day",
      () => ({
        usage_statement_schedule: {
          frequency: "MONTHLY",
          billing_anchor_date: "2024-03-10T00:00:00Z",
        },
      }),
      "is for day CUSTOM_DATE",
    ],
    [
      "an anchor within a day",
      () => ({
        usage_statement_schedule: {
          frequency: "MONTHLY",
          day: "CUSTOM_DATE",
          billing_anchor_date: "2024-03-10T01:00:00Z",
        },
      }),
      "must be midnight UTC",
    ],
    [
      "a postpaid commit without a true-up",
      () => commit({ type: "POSTPAID" }),
      "commits[0].invoice_schedule of a POSTPAID commit must have exactly one date",
    ],
    [
      "a payment gate of a commit that nobody pays",
      () => commit({ payment_gate_config: { payment_gate_type: "STRIPE" } }),
      "commits[0].invoice_schedule of a commit with a payment gate must have exactly one date",
    ],
    [
      "a commit sold as usage",
      () => commit({ product_id: usage }),
      "commits[0].product_id must be of a FIXED product",
    ],
    [
      "a negative grant",
      () => commit({ access_schedule: access(-1) }),
      "commits[0].access_schedule.schedule_items[0].amount must be at least 0",
    ],
    ["a grant beyond range", () => commit({ access_schedule: access(1e30) }), "at most 18 digits"],
    [
      "an access that ends as it starts",
      () => commit({ access_schedule: access(1, "2024-03-01", "2024-03-01") }),
      "ending_before must be after starting_at",
    ],
    [
      "a commit in another currency",
      () => commit({ access_schedule: { ...access(1), credit_type_id: EUR.id } }),
      "must be the contract's currency",
    ],
    [
      "a charge without dates",
      () => charge({}),
      "must have either schedule_items or recurring_schedule",
    ],
    [
      "a charge with no date left",
      () => charge({ schedule_items: [] }),
      "has no date at which it bills",
    ],
    [
      "half a price",
      () => charge({ schedule_items: [{ timestamp: "2024-04-01T00:00:00Z", unit_price: 1 }] }),
      "must have either amount or both unit_price and quantity",
    ],
    [
      "two prices",
      () =>
        charge({
          schedule_items: [
            { timestamp: "2024-04-01T00:00:00Z", unit_price: 1, quantity: 1, amount: 1 },
          ],
        }),
      "must have either amount or both",
    ],
    [
      "a recurrence without end",
      () => recurring({ frequency: "WEEKLY", ending_before: "2199-01-01T00:00:00Z" }),
      "more than 1000 dates",
    ],
    [
      "a recurrence backwards",
      () => recurring({ ending_before: "2024-04-01T00:00:00Z" }),
      "ending_before must be after starting_at",
    ],
    [
      "a subscription without terms",
      () => ({ subscriptions: [{}] }),
      "subscriptions[0].subscription_rate is required",
    ],
    [
      "terms beside a package",
      () => ({ package_id: NOWHERE }),
      "rate_card_id cannot be given with a package, whose terms the contract has",
    ],
    [
      "an unknown field",
      () => ({ startingAt: "2024-03-01T00:00:00Z" }),
      "unknown field startingAt",
    ],
    [
      "terms of payment that are no number",
      () => ({ net_payment_terms_days: "soon" }),
      "net_payment_terms_days must be integer",
    ],
    [
      "no configuration to bill by",
      () => ({
        billing_provider_configuration: {
          billing_provider: "stripe",
          delivery_method: "direct_to_billing_provider",
        },
      }),
      "matches no configuration of the customer",
    ],
  ])("%s is refused and leaves nothing", async (_what, fields, message) => {
    const customer_id = await createCustomer();
    const body = {
      customer_id,
      starting_at: "2024-03-01T00:00:00Z",
      rate_card_id: card,
      ...fields(),
    };
    const reply = await server.send("POST", "/v1/contracts/create", body);
    expect(reply).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining(message) },
    });
    const listed = await contracts().list({ customer_id, include_archived: true });
    expect(listed.data).toEqual([]);
  });

  test("malformed JSON is refused", async () => {
    const reply = await server.send("POST", "/v1/contracts/create", '{"customer_id": ');
    expect(reply).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining("not valid JSON") },
    });
  });

  test("what does not exist here is not found: 404, and a coded 400 in the second version", async () => {
    const customer_id = await createCustomer();
    const contract_id = await createContract(customer_id);
    const { production } = server;
    await expect(
      production.v1.contracts.retrieve({ customer_id, contract_id }),
    ).rejects.toMatchObject({ status: 404 });
    await expect(contracts().retrieve({ customer_id, contract_id: NOWHERE })).rejects.toMatchObject(
      { status: 404 },
    );
    await expect(
      contracts().retrieve({ customer_id: await createCustomer(), contract_id }),
    ).rejects.toMatchObject({ status: 404 });
    await expect(createContract(NOWHERE)).rejects.toMatchObject({ status: 404 });
    await expect(createContract(customer_id, { rate_card_id: NOWHERE })).rejects.toMatchObject({
      status: 404,
    });
    const coded = (code: string) => ({ status: 400, error: { code } });
    const { v2 } = server.metronome;
    await expect(v2.contracts.list({ customer_id: NOWHERE })).rejects.toMatchObject(
      coded("CustomerNotFound"),
    );
    await expect(
      v2.contracts.retrieve({ customer_id, contract_id: NOWHERE }),
    ).rejects.toMatchObject(coded("ContractNotFound"));
  });

  test("a contract in euros takes euros only", async () => {
    const euros = (
      await contracts().rateCards.create({ name: "Euro prices", fiat_credit_type_id: EUR.id })
    ).data.id;
    const customer_id = await createCustomer();
    const item = { timestamp: "2024-04-01T00:00:00Z", amount: 12.5 };
    const withCharge = (credit_type_id?: string) =>
      createContract(customer_id, {
        rate_card_id: euros,
        ...charge({ schedule_items: [item], ...(credit_type_id && { credit_type_id }) }),
      });
    await expect(withCharge()).rejects.toMatchObject({ status: 400 });
    const contract_id = await withCharge(EUR.id);
    const { data } = await server.metronome.v2.contracts.retrieve({ customer_id, contract_id });
    expect(data.scheduled_charges[0]?.schedule.credit_type).toEqual(EUR);
  });
});
