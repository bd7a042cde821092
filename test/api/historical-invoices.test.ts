import type Metronome from "@metronome/sdk";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { isUnchanged } from "../../src/store/freeze-invoice.ts";
import { createBilledCustomer, listProviderInvoices } from "../support/billed-customer.ts";
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

/**
 * Invoices that were issued elsewhere, as the guide "Import existing invoices" does it. Today is
 * August 15, 2024; the contract is from June 1, and bills here from August 1. Prices are in cents.
 */
const USD = "2714e483-4ff1-48e4-9e25-ac732e8f24f2";
const MONTHS = {
  june: ["2024-06-01T00:00:00.000Z", "2024-07-01T00:00:00.000Z", "2024-07-03T00:00:00.000Z"],
  july: ["2024-07-01T00:00:00.000Z", "2024-08-01T00:00:00.000Z", "2024-08-03T00:00:00.000Z"],
} as const;

type Import = Metronome.V1.ContractCreateHistoricalInvoicesParams;
type Historical = Import["invoices"][number];
type Line = Historical["usage_line_items"][number];
type Invoice = Metronome.V1.Customers.Invoice;
/** What we add to the invoices that are matched. */
type Ours = Invoice & { imported?: boolean; billed_total?: number; difference?: number };

let server: TestServer;
let metronome: Metronome;
let tokens: string;
let requests: string;
let fixed: string;
let card: string;
let customer: string;

beforeAll(async () => {
  server = await startTestServer();
  ({ metronome } = server);
  await server.setClock("2024-08-15T00:00:00Z");
  tokens = await createUsageProduct(metronome, "tokens");
  fixed = await createFixedProduct(metronome, "Onboarding");
  card = await createRateCard(metronome, [[tokens, 100]]);
  const { data } = await metronome.v1.billableMetrics.create({
    name: "requests",
    aggregation_type: "COUNT",
    event_type_filter: { in_values: ["requests"] },
    property_filters: [{ name: "region", exists: true }],
    group_keys: [["region"]],
  });
  const product = await metronome.v1.contracts.products.create({
    name: "requests",
    type: "USAGE",
    billable_metric_id: data.id,
    pricing_group_key: ["region"],
  });
  requests = product.data.id;
  await metronome.v1.contracts.rateCards.rates.add({
    rate_card_id: card,
    product_id: requests,
    starting_at: "2020-01-01T00:00:00Z",
    entitled: true,
    rate_type: "FLAT",
    price: 7,
    pricing_group_values: { region: "eu" },
  });
});
afterAll(() => server.close());
beforeEach(async () => {
  customer = await createCustomer(metronome);
});

const sign = (terms: Partial<NewContract> = {}, rateCard = card): Promise<string> =>
  createContract(metronome, customer, rateCard, {
    starting_at: "2024-06-01T00:00:00.000Z",
    usage_statement_schedule: {
      frequency: "MONTHLY",
      invoice_generation_starting_at: "2024-08-01T00:00:00.000Z",
    },
    ...terms,
  });

const lineOf = (month: keyof typeof MONTHS, rest: Partial<Line> = {}): Line => ({
  product_id: tokens,
  inclusive_start_date: MONTHS[month][0],
  exclusive_end_date: MONTHS[month][1],
  ...rest,
});

const invoiceOf = (
  contract: string,
  month: keyof typeof MONTHS,
  lines: readonly Line[],
  rest: object = {},
): Historical => ({
  customer_id: customer,
  contract_id: contract,
  credit_type_id: USD,
  inclusive_start_date: MONTHS[month][0],
  exclusive_end_date: MONTHS[month][1],
  issue_date: MONTHS[month][2],
  usage_line_items: [...lines],
  ...rest,
});

const run = async (invoices: readonly Historical[], preview = false): Promise<Ours[]> =>
  (await metronome.v1.contracts.createHistoricalInvoices({ invoices: [...invoices], preview }))
    .data;

const shown = ({ type, status, start_timestamp: start, line_items: lines, total }: Invoice) =>
  `${type} ${status} ${start?.slice(0, 10)}: ${lines.map(showLine).join(", ")}; ${total}`;

const rowsOfImport = async () => {
  const { rows } = await sql<{ invoices: bigint; entries: bigint; runs: bigint; told: bigint }>`
    select (select count(*) from invoices where imported) as invoices,
      (select count(*) from commit_ledger_entries where invoice_id is not null) as entries,
      (select count(*) from integration_runs) as runs,
      (select count(*) from core_jobs where kind like 'deliver%') as told`.execute(server.db);
  return rows[0];
};

describe("the guide's example", () => {
  test("June and July are previewed, imported, and stand beside the draft of August", async () => {
    const contract = await sign();
    const invoices = [
      invoiceOf(contract, "june", [lineOf("june", { quantity: 10 })]),
      invoiceOf(contract, "july", [lineOf("july", { quantity: 20 })]),
    ];
    const before = await listInvoices(metronome, customer);
    expect(before.map(shown)).toEqual(["USAGE DRAFT 2024-08-01: tokens: 0 x 100 = 0; 0"]);
    const none = await rowsOfImport();
    const preview = await run(invoices, true);
    expect(preview.map(shown)).toEqual([
      "USAGE FINALIZED 2024-06-01: tokens: 10 x 100 = 1000; 1000",
      "USAGE FINALIZED 2024-07-01: tokens: 20 x 100 = 2000; 2000",
    ]);
    expect(await listInvoices(metronome, customer)).toEqual(before);
    expect(await rowsOfImport()).toEqual(none);

    const imported = await run(invoices);
    expect(imported).toEqual(preview);
    expect(imported[0]).toMatchObject({
      start_timestamp: "2024-06-01T00:00:00Z",
      end_timestamp: "2024-07-01T00:00:00Z",
      issued_at: "2024-07-03T00:00:00Z",
      external_invoice: null,
      billable_status: "billable",
      imported: true,
    });
    const all = await listInvoices(metronome, customer);
    expect(all.slice(0, 2)).toEqual(imported);
    expect(all.slice(2)).toEqual(before);
    expect(all[2]).not.toHaveProperty("imported");
    const after = await rowsOfImport();
    expect(after).toEqual({ ...none, invoices: (none?.invoices ?? 0n) + 2n });
  });

  test("days are summed, and the gaps between them are nothing", async () => {
    const contract = await sign();
    const day = (n: number, quantity: number) => ({
      inclusive_start_date: `2024-06-${String(n).padStart(2, "0")}T00:00:00.000Z`,
      exclusive_end_date: `2024-06-${String(n + 1).padStart(2, "0")}T00:00:00.000Z`,
      quantity,
    });
    const [invoice] = await run([
      invoiceOf(
        contract,
        "june",
        [lineOf("june", { subtotals_with_quantity: [day(4, 2.5), day(1, 1), day(29, 0.25)] })],
        // As the guide writes it; the reference has it in upper case.
        { breakdown_granularity: "day" },
      ),
    ]);
    // 1 + 2.5 + 0.25 = 3.75 at 100.
    expect(invoice && shown(invoice)).toBe(
      "USAGE FINALIZED 2024-06-01: tokens: 3.75 x 100 = 375; 375",
    );
  });
});

test("what was billed elsewhere is compared with what the contract makes of it", async () => {
  const contract = await sign();
  const [invoice] = await run(
    [
      invoiceOf(contract, "june", [lineOf("june", { quantity: 10 })], {
        billed_total: 1100,
        billable_status: "unbillable",
      }),
    ],
    true,
  );
  expect(invoice).toMatchObject({
    total: 1000,
    billed_total: 1100,
    difference: -100,
    billable_status: "unbillable",
  });
});

test("prices by group are those of the group; lines of other groups stand beside them", async () => {
  const contract = await sign();
  const region = { pricing_group_values: { region: "eu" } };
  const [invoice] = await run([
    invoiceOf(contract, "june", [
      lineOf("june", { product_id: requests, quantity: 3, ...region }),
      lineOf("june", { quantity: 1 }),
    ]),
  ]);
  expect(invoice?.line_items.map(showLine).toSorted()).toEqual([
    "requests: 3 x 7 = 21",
    "tokens: 1 x 100 = 100",
  ]);
});

test("commits pay for it as for any invoice, the earlier month first, and are less by it", async () => {
  const contract = await sign({
    commits: [
      {
        type: "PREPAID",
        product_id: fixed,
        name: "Opening balance",
        access_schedule: {
          schedule_items: [
            {
              amount: 1500,
              starting_at: "2024-06-01T00:00:00.000Z",
              ending_before: "2025-06-01T00:00:00.000Z",
            },
          ],
        },
      },
    ],
  });
  const balance = async () =>
    (
      await metronome.v1.contracts.getNetBalance({
        customer_id: customer,
        invoice_inclusion_mode: "FINALIZED",
      })
    ).data.balance;
  // July comes first in the request, June burns first.
  const invoices = [
    invoiceOf(contract, "july", [lineOf("july", { quantity: 20 })]),
    invoiceOf(contract, "june", [lineOf("june", { quantity: 10 })]),
  ];
  await run(invoices, true);
  expect(await balance()).toBe(1500);
  const imported = await run(invoices);
  // June: 1,000 of 1,500. July: 500 are left, which is 5 of its 20 units; 15 x 100 are to pay.
  expect(imported.map(shown)).toEqual([
    "USAGE FINALIZED 2024-07-01: tokens: 5 x 100 = 500, Opening balance applied = -500, tokens: 15 x 100 = 1500; 1500",
    "USAGE FINALIZED 2024-06-01: tokens: 10 x 100 = 1000, Opening balance applied = -1000; 0",
  ]);
  expect(await balance()).toBe(0);
  const { rows } = await sql<{
    amount: string;
  }>`select entry.amount from commit_ledger_entries entry
    join invoices on invoices.id = entry.invoice_id
    where invoices.contract_id = ${contract} order by entry.amount`.execute(server.db);
  expect(rows.map(({ amount }) => amount)).toEqual(["-1000", "-500"]);
});

test("tiers are read on the period's quantity, window by window", async () => {
  const { data } = await metronome.v1.contracts.rateCards.create({ name: "Tiers" });
  await metronome.v1.contracts.rateCards.rates.add({
    rate_card_id: data.id,
    product_id: tokens,
    starting_at: "2020-01-01T00:00:00Z",
    entitled: true,
    rate_type: "TIERED",
    tiers: [{ size: 15, price: 100 }, { price: 50 }],
  });
  const contract = await sign({}, data.id);
  const imported = await run([
    invoiceOf(contract, "june", [lineOf("june", { quantity: 20 })]),
    invoiceOf(contract, "july", [lineOf("july", { quantity: 10 })]),
  ]);
  // June: 15 x 100 + 5 x 50. July begins anew: 10 x 100.
  expect(imported.map(shown)).toEqual([
    "USAGE FINALIZED 2024-06-01: tokens: 15 x 100 = 1500, tokens: 5 x 50 = 250; 1750",
    "USAGE FINALIZED 2024-07-01: tokens: 10 x 100 = 1000; 1000",
  ]);
});

describe("where the price changes within a month", () => {
  let dearer: string;
  beforeAll(async () => {
    dearer = await createRateCard(metronome, [[tokens, 100]]);
    await metronome.v1.contracts.rateCards.rates.add({
      rate_card_id: dearer,
      product_id: tokens,
      starting_at: "2024-06-16T00:00:00.000Z",
      entitled: true,
      rate_type: "FLAT",
      price: 200,
    });
  });

  test("one quantity for all of it is refused: nobody can say how much is before", async () => {
    const contract = await sign({}, dearer);
    const invoices = [invoiceOf(contract, "june", [lineOf("june", { quantity: 10 })])];
    await expect(run(invoices)).rejects.toThrow(
      /invoices\[0\]\.usage_line_items\[0\]: the price of the product, or what pays for it, changes at 2024-06-16T00:00:00Z/,
    );
  });

  test("two lines, or days, have the price of their time", async () => {
    const contract = await sign({}, dearer);
    const middle = "2024-06-16T00:00:00.000Z";
    const [invoice] = await run([
      invoiceOf(contract, "june", [
        lineOf("june", { exclusive_end_date: middle, quantity: 4 }),
        lineOf("june", { inclusive_start_date: middle, quantity: 6 }),
      ]),
    ]);
    // 4 x 100 + 6 x 200.
    expect(invoice && shown(invoice)).toBe(
      "USAGE FINALIZED 2024-06-01: tokens: 4 x 100 = 400, tokens: 6 x 200 = 1200; 1600",
    );
  });
});

test("it is what the live invoice of the same usage would have been", async () => {
  const { data } = await metronome.v1.contracts.rateCards.create({ name: "Tiers and a change" });
  const rates = [
    { starting_at: "2020-01-01T00:00:00Z", tiers: [{ size: 5, price: 100 }, { price: 40 }] },
    { starting_at: "2024-07-25T00:00:00Z", tiers: [{ size: 5, price: 90 }, { price: 30 }] },
  ];
  for (const rate of rates) {
    await metronome.v1.contracts.rateCards.rates.add({
      rate_card_id: data.id,
      product_id: tokens,
      entitled: true,
      rate_type: "TIERED",
      ...rate,
    });
  }
  const terms: Partial<NewContract> = {
    starting_at: "2024-07-01T00:00:00.000Z",
    commits: [
      {
        type: "PREPAID",
        product_id: fixed,
        name: "Balance",
        access_schedule: {
          schedule_items: [
            {
              amount: 450,
              starting_at: "2024-07-01T00:00:00.000Z",
              ending_before: "2024-07-28T00:00:00.000Z",
            },
          ],
        },
      },
    ],
  };
  const days = [
    ["2024-07-20", 3],
    ["2024-07-24", 4],
    ["2024-07-26", 2],
    ["2024-07-29", 6],
  ] as const;
  for (const [day, value] of days) {
    await use(metronome, customer, "tokens", `${day}T10:00:00Z`, value);
  }
  // Its July is finalized at once: the usage is there before the contract.
  await createContract(metronome, customer, data.id, terms as NewContract);
  const [live] = await listInvoices(metronome, customer, { ending_before: "2024-08-01T00:00:00Z" });

  customer = await createCustomer(metronome, "Imported");
  const contract = await sign(terms, data.id);
  const subtotals = days.map(([day, quantity]) => ({
    inclusive_start_date: `${day}T00:00:00.000Z`,
    exclusive_end_date: `${new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10)}T00:00:00.000Z`,
    quantity,
  }));
  const [imported] = await run([
    invoiceOf(contract, "july", [lineOf("july", { subtotals_with_quantity: subtotals })], {
      breakdown_granularity: "DAY",
    }),
  ]);
  // Until the 25th 7 units: 5 x 100 + 2 x 40. Then 2 x 30, and 6 x 30 after the balance ended. The
  // balance pays 450 of the first 500.
  expect(imported?.line_items.map(showLine)).toEqual([
    "tokens: 4.5 x 100 = 450",
    "Balance applied = -450",
    "tokens: 0.5 x 100 = 50",
    "tokens: 2 x 40 = 80",
    "tokens: 2 x 30 = 60",
    "tokens: 6 x 30 = 180",
  ]);
  expect(imported?.total).toBe(370);
  expect([live?.total, live?.line_items.map(showLine)]).toEqual([
    imported?.total,
    imported?.line_items.map(showLine),
  ]);
});

test("it goes to no provider, where the customer's other invoices go, and is kept under a hash", async () => {
  const billed = await createBilledCustomer(server);
  customer = billed.id;
  const contract = await sign();
  const [imported] = await run([invoiceOf(contract, "june", [lineOf("june", { quantity: 10 })])]);
  await server.setClock("2024-08-15T00:00:00Z");
  expect(await listProviderInvoices(server.stripe, billed.payer)).toEqual([]);
  const [again] = await listInvoices(metronome, customer, { imported: true });
  expect(again?.external_invoice).toBeNull();
  const id = imported?.id ?? "";
  const rehearsal = await server.send("POST", `/v1/invoices/${id}/provider-requests`, {});
  expect([rehearsal.status, rehearsal.body.message]).toEqual([
    400,
    "The invoice was issued elsewhere and is never sent",
  ]);
  expect(await isUnchanged(server.db, id)).toBe(true);
  const state = (quantity: string) =>
    sql`update invoices set stated_usage = jsonb_set(stated_usage, '{0,quantity}', to_jsonb(${quantity}::text))
      where id = ${id}`.execute(server.db);
  await state("11");
  expect(await isUnchanged(server.db, id)).toBe(false);
  await state("10");
  expect(await isUnchanged(server.db, id)).toBe(true);
});

describe("refused, with its place, and nothing of the request is stored:", () => {
  const JUNE_15 = "2024-06-15T00:00:00.000Z";
  const JUNE_2 = "2024-06-02T00:00:00.000Z";
  const JUNE_3 = "2024-06-03T00:00:00.000Z";
  const NOBODY = "6a0bd4f5-9a4a-4f3e-8a70-2f6d5f1f3b11";
  const dayOf = (start: string, end: string) => ({
    inclusive_start_date: start,
    exclusive_end_date: end,
    quantity: 1,
  });
  const ten = { quantity: 10 };
  const june = (lines: Line[], rest: object = {}) => ({ lines, rest });

  test.each<[string, () => { lines: Line[]; rest: object }, RegExp]>([
    [
      "no quantity",
      () => june([lineOf("june")]),
      /usage_line_items\[0\] must have either quantity or/,
    ],
    [
      "quantity and subtotals",
      () => june([lineOf("june", { ...ten, subtotals_with_quantity: [dayOf(JUNE_2, JUNE_3)] })]),
      /must have either quantity or subtotals_with_quantity/,
    ],
    [
      "subtotals without a granularity",
      () => june([lineOf("june", { subtotals_with_quantity: [dayOf(JUNE_2, JUNE_3)] })]),
      /needs the invoice's breakdown_granularity/,
    ],
    [
      "a subtotal of two days",
      () =>
        june([lineOf("june", { subtotals_with_quantity: [dayOf(MONTHS.june[0], JUNE_3)] })], {
          breakdown_granularity: "DAY",
        }),
      /subtotals_with_quantity\[0\] must be one day, 2024-06-01T00:00:00Z to 2024-06-02T00:00:00Z/,
    ],
    [
      "a day where hours are meant",
      () =>
        june([lineOf("june", { subtotals_with_quantity: [dayOf(JUNE_2, JUNE_3)] })], {
          breakdown_granularity: "HOUR",
        }),
      /must be one hour/,
    ],
    [
      "a day twice",
      () =>
        june(
          [
            lineOf("june", {
              subtotals_with_quantity: [dayOf(JUNE_2, JUNE_3), dayOf(JUNE_2, JUNE_3)],
            }),
          ],
          { breakdown_granularity: "DAY" },
        ),
      /subtotals_with_quantity\[1\] is of the same day as/,
    ],
    [
      "a subtotal outside of its line",
      () =>
        june(
          [
            lineOf("june", {
              inclusive_start_date: JUNE_3,
              subtotals_with_quantity: [dayOf(JUNE_2, JUNE_3)],
            }),
          ],
          { breakdown_granularity: "DAY" },
        ),
      /subtotals_with_quantity\[0\] must lie within its line/,
    ],
    [
      "a line outside of its invoice",
      () => june([lineOf("july", ten)]),
      /usage_line_items\[0\] must lie within its invoice, 2024-06-01T00:00:00Z to 2024-07-01T00:00:00Z/,
    ],
    [
      "two lines of one product that overlap",
      () => june([lineOf("june", ten), lineOf("june", { inclusive_start_date: JUNE_15, ...ten })]),
      /usage_line_items\[1\] overlaps invoices\[0\]\.usage_line_items\[0\]/,
    ],
    [
      "a product that is not on the card",
      () => june([lineOf("june", { product_id: NOBODY, ...ten })]),
      /usage_line_items\[0\]\.product_id must be a usage product/,
    ],
    ["a negative quantity", () => june([lineOf("june", { quantity: -1 })]), /quantity/],
    [
      "another currency",
      () => june([], { credit_type_id: NOBODY }),
      /credit_type_id must be 2714e483/,
    ],
    [
      "no such contract",
      () => june([], { contract_id: NOBODY }),
      /contract_id must be a contract of/,
    ],
    ["no such customer", () => june([], { customer_id: NOBODY }), /customer_id: there is no/],
    [
      "a period before the contract",
      () => june([], { inclusive_start_date: "2024-05-01T00:00:00.000Z" }),
      /inclusive_start_date must not be before 2024-06-01T00:00:00Z/,
    ],
    [
      "a period after the start of live invoices",
      () => june([], { exclusive_end_date: "2024-08-02T00:00:00.000Z" }),
      /exclusive_end_date must not be after 2024-08-01T00:00:00Z/,
    ],
    [
      "a period of no time",
      () => june([], { exclusive_end_date: MONTHS.june[0] }),
      /exclusive_end_date must be after inclusive_start_date/,
    ],
    [
      "a period that another of the request covers",
      () => june([], { exclusive_end_date: "2024-07-02T00:00:00.000Z" }),
      /invoices\[1\] overlaps the imported invoice of invoices\[0\]/,
    ],
    [
      "a custom field without a key",
      () => june([], { custom_fields: { nope: "x" } }),
      /invoices\[0\]\.custom_fields/,
    ],
    ["a field that is not known", () => june([], { surprise: 1 }), /surprise/],
  ])("%s", async (_what, what, reason) => {
    const { lines, rest } = what();
    const contract = await sign();
    const before = await rowsOfImport();
    const invoices = [
      invoiceOf(contract, "june", lines, rest),
      invoiceOf(contract, "july", [lineOf("july", ten)]),
    ];
    for (const preview of [true, false]) {
      const attempt = run(invoices, preview);
      await expect(attempt).rejects.toMatchObject({ status: 400 });
      await expect(attempt).rejects.toThrow(reason);
    }
    expect(await rowsOfImport()).toEqual(before);
  });

  test("a group key that the product does not have, one that is missing, a group without a price", async () => {
    const contract = await sign();
    const with_ = (values: Record<string, string>, product_id: string) =>
      run([
        invoiceOf(contract, "june", [
          lineOf("june", { product_id, pricing_group_values: values, ...ten }),
        ]),
      ]);
    await expect(with_({ zone: "a" }, tokens)).rejects.toThrow(
      /pricing_group_values: the product has no group key "zone", it has none/,
    );
    await expect(with_({}, requests)).rejects.toThrow(/pricing_group_values must name region/);
    await expect(with_({ region: "us" }, requests)).rejects.toThrow(
      /usage_line_items\[0\]: the contract has no price for product .* with \{"region":"us"\}/,
    );
  });

  test("a contract that bills here from its start, and one of another customer", async () => {
    const own = await createContract(metronome, customer, card, {
      starting_at: "2024-06-01T00:00:00.000Z",
    });
    await expect(run([invoiceOf(own, "june", [])])).rejects.toThrow(
      /exclusive_end_date must not be after 2024-06-01T00:00:00Z, from when the contract's invoices are generated/,
    );
    const contract = await sign();
    customer = await createCustomer(metronome);
    await expect(run([invoiceOf(contract, "june", [])])).rejects.toThrow(
      /contract_id must be a contract of the customer/,
    );
  });

  test("with a token of the other environment", async () => {
    const contract = await sign();
    const invoices = [invoiceOf(contract, "june", [lineOf("june", ten)])];
    const { status, body } = await server.send(
      "POST",
      "/v1/contracts/createHistoricalInvoices",
      { invoices, preview: false },
      { authorization: `Bearer ${server.productionToken}` },
    );
    expect([status, body.message]).toEqual([
      400,
      expect.stringContaining(`invoices[0].customer_id: there is no customer ${customer}`),
    ]);
  });
});

test("a period is imported once, however many ask at once", async () => {
  const contract = await sign();
  const invoices = [invoiceOf(contract, "june", [lineOf("june", { quantity: 10 })])];
  const attempts = await Promise.allSettled([run(invoices), run(invoices), run(invoices)]);
  expect(attempts.map(({ status }) => status).toSorted()).toEqual([
    "fulfilled",
    "rejected",
    "rejected",
  ]);
  await expect(run(invoices)).rejects.toThrow(
    /invoices\[0\] overlaps the imported invoice [-0-9a-f]+ of 2024-06-01/,
  );
  expect(await listInvoices(metronome, customer, { status: "FINALIZED" })).toHaveLength(1);
});

test("with an Idempotency-Key the first reply comes again", async () => {
  const contract = await sign();
  const invoices = [invoiceOf(contract, "june", [lineOf("june", { quantity: 10 })])];
  const send = () =>
    server.send(
      "POST",
      "/v1/contracts/createHistoricalInvoices",
      { invoices, preview: false },
      { "idempotency-key": `import-${contract}` },
    );
  const first = await send();
  expect(first.status).toBe(200);
  expect((await send()).body).toEqual(first.body);
});

test("several customers in one request: all or none", async () => {
  const first = await sign();
  const firstInvoice = invoiceOf(first, "june", [lineOf("june", { quantity: 1 })]);
  const one = customer;
  customer = await createCustomer(metronome, "Second");
  const second = await sign();
  const bad = invoiceOf(second, "june", [lineOf("june")]);
  await expect(run([firstInvoice, bad])).rejects.toThrow(/invoices\[1\]\.usage_line_items\[0\]/);
  expect(await listInvoices(metronome, one, { status: "FINALIZED" })).toEqual([]);
  const good = invoiceOf(second, "june", [lineOf("june", { quantity: 2 })]);
  const imported = await run([good, firstInvoice]);
  expect(imported.map(({ customer_id, total }) => [customer_id, total])).toEqual([
    [customer, 200],
    [one, 100],
  ]);
});

test("the list can be asked for what was imported, and usage of that time is nobody's", async () => {
  const contract = await sign();
  const [imported] = await run([invoiceOf(contract, "july", [lineOf("july", { quantity: 1 })])]);
  const ids = async (query: object) =>
    (await listInvoices(metronome, customer, { ...query })).map(({ id }) => id);
  expect(await ids({ imported: true })).toEqual([imported?.id]);
  expect(await ids({ imported: false })).not.toContain(imported?.id);
  await use(metronome, customer, "tokens", "2024-07-20T00:00:00Z", 5);
  const late = await server.send("GET", `/v1/invoices/${imported?.id}/late-usage`);
  expect(late.body).toEqual({ data: [] });
  const [again] = await listInvoices(metronome, customer, { imported: true });
  expect(again?.total).toBe(100);
});
