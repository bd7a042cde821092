import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createBilledCustomer, listProviderInvoices } from "../support/billed-customer.ts";
import {
  createContract,
  createCustomer,
  createFixedProduct,
  createUsageProduct,
  type Invoice,
  listInvoices,
  type NewContract,
  showLine,
  use,
} from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

let server: TestServer;
let tokens: { id: string; name: string };
let gpu: string;
let mail: string;
let fixed: string;
let card: string;

const USD = "2714e483-4ff1-48e4-9e25-ac732e8f24f2";
const [START, END] = ["2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"];

const createUnit = async (name: string): Promise<string> =>
  (await server.send("POST", "/v1/credit-types/create", { name })).body.data.id;

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock("2024-01-15T00:00:00Z");
  const { metronome } = server;
  tokens = { id: await createUnit("Tokens"), name: "Tokens" };
  gpu = await createUsageProduct(metronome, "gpu");
  mail = await createUsageProduct(metronome, "mail");
  fixed = await createFixedProduct(metronome, "Prepaid");
  const { data } = await metronome.v1.contracts.rateCards.create({
    name: "Token prices",
    credit_type_conversions: [{ custom_credit_type_id: tokens.id, fiat_per_custom_credit: 10 }],
  });
  card = data.id;
  const rate = {
    rate_card_id: card,
    starting_at: START,
    entitled: true,
    rate_type: "FLAT",
  } as const;
  const { rates } = metronome.v1.contracts.rateCards;
  const added = await rates.add({ ...rate, product_id: gpu, price: 1, credit_type_id: tokens.id });
  expect(added.data).toMatchObject({ price: 1, credit_type: tokens });
  await rates.add({ ...rate, product_id: mail, price: 20 });
});
afterAll(() => server.close());

const access = (amount: number, creditTypeId?: string) => ({
  schedule_items: [{ amount, starting_at: START, ending_before: END }],
  ...(creditTypeId === undefined ? {} : { credit_type_id: creditTypeId }),
});

const sign = (customerId: string, terms: Partial<NewContract> = {}) =>
  createContract(server.metronome, customerId, card, { starting_at: START, ...terms });

const linesOf = (invoice: Invoice | undefined) =>
  (invoice?.line_items ?? [])
    .filter(({ quantity }) => quantity !== 0)
    .map((line) => `${showLine(line)} ${line.credit_type.name}`);

test("its lines are explained in their unit, and imported lines are converted as live ones", async () => {
  const { metronome } = server;
  const owner = await createCustomer(metronome, "Explained");
  await use(metronome, owner, "gpu", "2024-01-10T00:00:00Z", 3);
  await sign(owner);
  const [draft] = await listInvoices(metronome, owner);
  const { status, body } = await server.send("GET", `/v1/invoices/${draft?.id}/explain`);
  expect(status).toBe(200);
  const lines = body.data.line_items as {
    credit_type: { name: string };
    total: number;
    steps: { step: string; text: string }[];
  }[];
  // 3 units at 1 token; a token is 10 cents.
  expect(
    lines
      .filter(({ total }) => total !== 0)
      .map(({ credit_type, total, steps }) => [
        credit_type.name,
        total,
        steps.filter(({ step }) => step !== "usage" && step !== "rate").map(({ text }) => text),
      ]),
  ).toEqual([
    ["Tokens", 3, ["3 x 1 = 3"]],
    [
      "USD (cents)",
      30,
      ["3 of the pricing unit, less 0 that commits paid: 3 x 10 = 30", "3 x 10 = 30"],
    ],
  ]);

  const importer = await createCustomer(metronome, "Imported");
  const contract = await sign(importer, {
    ending_before: "2024-03-01T00:00:00Z",
    usage_statement_schedule: {
      frequency: "MONTHLY",
      invoice_generation_starting_at: "2024-02-01T00:00:00Z",
    },
  });
  const window = { inclusive_start_date: START, exclusive_end_date: "2024-02-01T00:00:00Z" };
  const { data } = await metronome.v1.contracts.createHistoricalInvoices({
    preview: true,
    invoices: [
      {
        customer_id: importer,
        contract_id: contract,
        credit_type_id: USD,
        ...window,
        issue_date: "2024-02-01T00:00:00Z",
        usage_line_items: [{ product_id: gpu, ...window, quantity: 3 }],
      },
    ],
  });
  expect(linesOf(data[0])).toEqual(linesOf(draft));
  expect(data[0]?.total).toBe(30);
});

describe("a contract in tokens", () => {
  let customer: { id: string; payer: string };

  const netBalance = async (creditTypeId?: string) =>
    (
      await server.metronome.v1.contracts.getNetBalance({
        customer_id: customer.id,
        ...(creditTypeId === undefined ? {} : { credit_type_id: creditTypeId }),
      })
    ).data;

  test("bills a bundle of tokens in money, and grants it in tokens", async () => {
    customer = await createBilledCustomer(server);
    await sign(customer.id, {
      commits: [
        {
          type: "PREPAID",
          product_id: fixed,
          name: "Bundle",
          access_schedule: access(300, tokens.id),
          invoice_schedule: { schedule_items: [{ timestamp: START, amount: 2500 }] },
        },
      ],
    });
    await server.metronome.v1.customers.credits.create({
      customer_id: customer.id,
      product_id: fixed,
      name: "Gift",
      priority: 1,
      access_schedule: access(200),
    });
    const [purchase] = await listInvoices(server.metronome, customer.id, { type: "SCHEDULED" });
    expect(linesOf(purchase)).toEqual(["Bundle: 1 x 2500 = 2500 USD (cents)"]);
    expect(await netBalance(tokens.id)).toEqual({ balance: 300, credit_type_id: tokens.id });
    expect(await netBalance()).toEqual({ balance: 200, credit_type_id: USD });
  });

  test("350 used, 300 prepaid, 10 cents each: 50 are converted, and a credit in cents pays 20", async () => {
    await use(server.metronome, customer.id, "gpu", "2024-01-10T00:00:00Z", 350);
    const [draft] = await listInvoices(server.metronome, customer.id, {
      status: "DRAFT",
      type: "USAGE",
    });
    expect(linesOf(draft)).toEqual([
      "gpu: 300 x 1 = 300 Tokens",
      "Bundle applied = -300 Tokens",
      "gpu: 50 x 1 = 50 Tokens",
      "Tokens conversion: 20 x 10 = 200 USD (cents)",
      "Gift applied = -200 USD (cents)",
      "Tokens conversion: 30 x 10 = 300 USD (cents)",
    ]);
    expect(draft).toMatchObject({ subtotal: 500, total: 300, credit_type: { id: USD } });
    const conversion = draft?.line_items.find(({ type }) => type === "cpu_conversion");
    expect(conversion).toMatchObject({
      starting_at: START,
      ending_before: "2024-02-01T00:00:00Z",
      commit_type: "PrepaidCommit",
    });
    expect(conversion).not.toHaveProperty("product_id");
    expect([(await netBalance(tokens.id)).balance, (await netBalance(USD)).balance]).toEqual([
      0, 0,
    ]);
  });

  test("balances and ledgers are in the credit type of each", async () => {
    const { data } = await server.metronome.v1.contracts.listBalances({
      customer_id: customer.id,
      include_contract_balances: true,
      include_balance: true,
      include_ledgers: true,
    });
    const shown = data.map((commit) => ({
      name: commit.name,
      unit: commit.access_schedule?.credit_type,
      invoiced: "invoice_schedule" in commit ? commit.invoice_schedule?.credit_type : undefined,
      balance: commit.balance,
      ledger: commit.ledger?.map(({ amount }) => amount),
    }));
    const cents = { id: USD, name: "USD (cents)" };
    expect(shown).toEqual([
      { name: "Bundle", unit: tokens, invoiced: cents, balance: 0, ledger: [300, -300] },
      { name: "Gift", unit: cents, invoiced: undefined, balance: 0, ledger: [200, -200] },
    ]);
  });

  test("only money is sent to the provider", async () => {
    await server.setClock("2024-02-02T00:00:00Z");
    const [, invoice] = await listInvoices(server.metronome, customer.id, { status: "FINALIZED" });
    expect(invoice).toMatchObject({ total: 300, external_invoice: { external_status: "PAID" } });
    expect(linesOf(invoice)).toContain("gpu: 50 x 1 = 50 Tokens");
    const [bundle, usage] = await listProviderInvoices(server.stripe, customer.payer);
    expect([bundle?.total, usage?.total]).toEqual([2500, 300]);
    expect(usage?.lines.data.map(({ description, amount }) => [description, amount])).toEqual([
      ["Tokens conversion", 200],
      ["Gift applied", -200],
      ["Tokens conversion", 300],
    ]);
  });

  test("an invoice in tokens alone is not sent; one that has money beside them is", async () => {
    const paid = await createBilledCustomer(server);
    const tokensOnly = await server.metronome.v1.contracts.rateCards.create({
      name: "Tokens only",
      credit_type_conversions: [{ custom_credit_type_id: tokens.id, fiat_per_custom_credit: 10 }],
    });
    await server.metronome.v1.contracts.rateCards.rates.add({
      rate_card_id: tokensOnly.data.id,
      starting_at: START,
      entitled: true,
      rate_type: "FLAT",
      product_id: gpu,
      price: 1,
      credit_type_id: tokens.id,
    });
    const month = { starting_at: "2024-02-01T00:00:00Z", ending_before: "2024-03-01T00:00:00Z" };
    const credits = [{ product_id: fixed, name: "Gift", access_schedule: access(40, tokens.id) }];
    await createContract(server.metronome, paid.id, tokensOnly.data.id, { ...month, credits });
    await sign(paid.id, { ...month, credits });
    await use(server.metronome, paid.id, "gpu", "2024-02-01T10:00:00Z", 25);
    await use(server.metronome, paid.id, "mail", "2024-02-01T10:00:00Z", 4);
    await server.setClock("2024-03-02T00:00:00Z");
    const invoices = await listInvoices(server.metronome, paid.id, { status: "FINALIZED" });
    expect(
      invoices.map(({ total, external_invoice: external }) => [total, external?.external_status]),
    ).toEqual([
      [0, "SKIPPED"],
      [80, "PAID"],
    ]);
    expect(
      (await listProviderInvoices(server.stripe, paid.payer)).map(({ total }) => total),
    ).toEqual([80]);
  });
});

test("rates, schedules and list prices name the unit", async () => {
  const { metronome } = server;
  const customerId = await createCustomer(metronome);
  const contractId = await sign(customerId, {
    overrides: [
      {
        starting_at: START,
        type: "OVERWRITE",
        product_id: gpu,
        overwrite_rate: { rate_type: "FLAT", price: 0.5, credit_type_id: tokens.id },
      },
    ],
  });
  const { rates } = metronome.v1.contracts.rateCards;
  const at = "2024-03-10T00:00:00Z";
  const listed = { price: 1, credit_type: tokens };
  const now = await rates.list({ rate_card_id: card, at });
  expect(now.data.map(({ rate }) => rate)).toEqual([
    { rate_type: "FLAT", ...listed },
    { rate_type: "FLAT", price: 20, credit_type: { id: USD, name: "USD (cents)" } },
  ]);
  const schedule = await metronome.v1.contracts.rateCards.retrieveRateSchedule({
    rate_card_id: card,
    starting_at: START,
  });
  expect(schedule.data[0]?.rate).toMatchObject(listed);
  const agreed = await metronome.v1.contracts.retrieveRateSchedule({
    customer_id: customerId,
    contract_id: contractId,
    at,
  });
  expect(agreed.data[0]).toMatchObject({
    list_rate: listed,
    override_rate: { price: 0.5, credit_type: tokens },
  });
  const { data } = await metronome.v2.contracts.retrieve({
    customer_id: customerId,
    contract_id: contractId,
  });
  expect(data.overrides?.[0]?.overwrite_rate).toMatchObject({ price: 0.5, credit_type: tokens });
  await use(metronome, customerId, "gpu", "2024-03-01T10:00:00Z", 8);
  const invoices = await listInvoices(metronome, customerId, { include_list_prices: true });
  const line = invoices.at(-1)?.line_items.find(({ product_id: id }) => id === gpu);
  expect(line).toMatchObject({ quantity: 8, unit_price: 0.5, total: 4, list_price: listed });
});

test("a recurring credit in tokens grants them each month", async () => {
  const customerId = await createCustomer(server.metronome);
  await sign(customerId, {
    starting_at: "2024-03-01T00:00:00Z",
    recurring_credits: [
      {
        product_id: fixed,
        name: "Monthly tokens",
        access_amount: { unit_price: 1, quantity: 100, credit_type_id: tokens.id },
        commit_duration: { value: 1 },
        priority: 1,
        starting_at: "2024-03-01T00:00:00Z",
      },
    ],
  });
  await use(server.metronome, customerId, "gpu", "2024-03-01T10:00:00Z", 130);
  const [draft] = await listInvoices(server.metronome, customerId, { status: "DRAFT" });
  expect(linesOf(draft)).toEqual([
    "gpu: 100 x 1 = 100 Tokens",
    "Monthly tokens applied = -100 Tokens",
    "gpu: 30 x 1 = 30 Tokens",
    "Tokens conversion: 30 x 10 = 300 USD (cents)",
  ]);
});

describe("what makes no sense in a unit is refused, and nothing is made", () => {
  let other: string;
  let archived: string;
  beforeAll(async () => {
    [other, archived] = [await createUnit("Other"), await createUnit("Archived")];
    await server.send("POST", "/v1/credit-types/archive", { id: archived });
  });

  test.each<[string, () => object, string]>([
    [
      "a unit that the card does not convert",
      () => ({ product_id: gpu, credit_type_id: other }),
      "credit_type_id must be the rate card's currency, or a pricing unit that it has",
    ],
    [
      "another unit than before",
      () => ({ product_id: gpu }),
      "credit_type_id cannot change: the card prices the product in another one",
    ],
    [
      "tokens where it was money",
      () => ({ product_id: mail, credit_type_id: tokens.id }),
      "credit_type_id cannot change",
    ],
  ])("a rate in %s", async (_what, fields, message) => {
    const path = "/v1/contract-pricing/rate-cards";
    const read = async () =>
      (await server.send("POST", `${path}/getRates`, { rate_card_id: card, at: END })).body;
    const before = await read();
    const rate = {
      rate_card_id: card,
      starting_at: START,
      entitled: true,
      rate_type: "FLAT",
      price: 9,
    };
    const refused = await server.send("POST", `${path}/addRate`, { ...rate, ...fields() });
    expect([refused.status, refused.body.message]).toEqual([400, expect.stringContaining(message)]);
    expect(await read()).toEqual(before);
  });

  const commit = (fields: object) => ({
    commits: [
      {
        type: "PREPAID",
        product_id: fixed,
        access_schedule: access(10, tokens.id),
        invoice_schedule: { schedule_items: [{ timestamp: START, amount: 10 }] },
        ...fields,
      },
    ],
  });
  const overwrite = (creditTypeId?: string) => ({
    overrides: [
      {
        starting_at: START,
        type: "OVERWRITE",
        product_id: gpu,
        overwrite_rate: {
          rate_type: "FLAT",
          price: 1,
          ...(creditTypeId === undefined ? {} : { credit_type_id: creditTypeId }),
        },
      },
    ],
  });

  test.each<[string, () => object, string]>([
    [
      "a postpaid commit",
      () => commit({ type: "POSTPAID" }),
      "commits[0].access_schedule.credit_type_id of a POSTPAID commit must be a currency",
    ],
    [
      "a commit in an archived unit",
      () => commit({ access_schedule: access(10, archived) }),
      "commits[0].access_schedule.credit_type_id is an archived pricing unit",
    ],
    [
      "a commit in nothing known",
      () => commit({ access_schedule: access(10, "00000000-0000-4000-8000-000000000000") }),
      "commits[0].access_schedule.credit_type_id is neither a currency nor a pricing unit",
    ],
    [
      "a purchase that is paid in tokens",
      () =>
        commit({
          invoice_schedule: {
            credit_type_id: tokens.id,
            schedule_items: [{ timestamp: START, amount: 10 }],
          },
        }),
      "commits[0].invoice_schedule.credit_type_id must be the currency",
    ],
    [
      "a scheduled charge",
      () => ({
        scheduled_charges: [
          {
            product_id: fixed,
            schedule: {
              credit_type_id: tokens.id,
              schedule_items: [{ timestamp: START, amount: 10 }],
            },
          },
        ],
      }),
      "scheduled_charges[0].schedule.credit_type_id must be the contract's currency",
    ],
    [
      "an overwrite without its unit",
      () => overwrite(),
      "overrides[0].overwrite_rate.credit_type_id must be",
    ],
    [
      "an overwrite in another unit",
      () => overwrite(other),
      "overrides[0].overwrite_rate.credit_type_id must be",
    ],
    [
      "a recurring credit in an archived unit",
      () => ({
        recurring_credits: [
          {
            product_id: fixed,
            access_amount: { unit_price: 1, quantity: 1, credit_type_id: archived },
            commit_duration: { value: 1 },
            priority: 1,
            starting_at: START,
          },
        ],
      }),
      "recurring_credits[0].access_amount.credit_type_id is an archived pricing unit",
    ],
  ])("%s", async (_what, terms, message) => {
    const customerId = await createCustomer(server.metronome);
    const refused = await server.send("POST", "/v1/contracts/create", {
      customer_id: customerId,
      rate_card_id: card,
      starting_at: START,
      ...terms(),
    });
    expect([refused.status, refused.body.message]).toEqual([400, expect.stringContaining(message)]);
    expect(await listInvoices(server.metronome, customerId)).toEqual([]);
  });

  test("the balance of a unit that does not exist", async () => {
    const customerId = await createCustomer(server.metronome);
    const refused = await server.send("POST", "/v1/contracts/customerBalances/getNetBalance", {
      customer_id: customerId,
      credit_type_id: "00000000-0000-4000-8000-000000000000",
    });
    expect(refused.status).toBe(400);
    expect(refused.body.message).toContain(
      "credit_type_id is neither a currency nor a pricing unit",
    );
  });
});
