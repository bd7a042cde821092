import type Metronome from "@metronome/sdk";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
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
 * Invoices by day and hour. Today is February 10, 2024, noon; prices are in cents. A contract of January
 * alone is invoiced, one without an end has a draft of February.
 */
const USD = "2714e483-4ff1-48e4-9e25-ac732e8f24f2";
const NOBODY = "6a0bd4f5-9a4a-4f3e-8a70-2f6d5f1f3b11";
const TODAY = "2024-02-10T12:00:00Z";
const JANUARY = ["2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z"] as const;
const FEBRUARY = ["2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"] as const;

type Query = Partial<Metronome.V1.Customers.InvoiceListBreakdownsParams>;
type Breakdown = Metronome.V1.Customers.InvoiceListBreakdownsResponse;

let server: TestServer;
let metronome: Metronome;
let tokens: string;
let fixed: string;
let seats: string;
let card: string;
let customer: string;

beforeAll(async () => {
  server = await startTestServer();
  ({ metronome } = server);
  await server.setClock(TODAY);
  fixed = await createFixedProduct(metronome, "Onboarding");
  tokens = await createUsageProduct(metronome, "tokens");
  card = await createRateCard(metronome, [[tokens, 100]]);
  const { data } = await metronome.v1.contracts.products.create({
    name: "seats",
    type: "SUBSCRIPTION",
  });
  seats = data.id;
  await metronome.v1.contracts.rateCards.rates.add({
    rate_card_id: card,
    product_id: seats,
    starting_at: "2020-01-01T00:00:00Z",
    entitled: true,
    rate_type: "FLAT",
    price: 3500,
    billing_frequency: "MONTHLY",
  });
});
afterAll(() => server.close());
beforeEach(async () => {
  customer = await createCustomer(metronome);
});

const sign = async (
  [from, to]: readonly [string, string?],
  terms: Partial<NewContract> = {},
  rateCard = card,
): Promise<string> => {
  const contract = await createContract(metronome, customer, rateCard, {
    starting_at: from,
    ...(to === undefined ? {} : { ending_before: to }),
    ...terms,
  });
  await server.setClock(TODAY);
  return contract;
};

const burn = (timestamp: string, value: number) =>
  use(metronome, customer, "tokens", timestamp, value);

/** Every breakdown of a range, through all pages. */
async function breakdowns(
  [from, to]: readonly [string, string],
  query: Query = {},
): Promise<Breakdown[]> {
  const found: Breakdown[] = [];
  for await (const part of metronome.v1.customers.invoices.listBreakdowns({
    customer_id: customer,
    starting_on: from,
    ending_before: to,
    ...query,
  })) {
    found.push(part);
  }
  return found;
}

/** "02-01 tokens: 4 x 100 = 400; 400" */
const shown = ({ breakdown_start_timestamp: start, line_items: lines, total }: Breakdown) =>
  `${start.slice(5, 13).replace("T00", "")} ${lines.map(showLine).join(", ")}; ${total}`;

const prepaid = (
  amount: number,
  [from, to]: readonly [string, string],
): NonNullable<NewContract["commits"]>[number] => ({
  type: "PREPAID",
  product_id: fixed,
  name: "Balance",
  access_schedule: { schedule_items: [{ amount, starting_at: from, ending_before: to }] },
});

const sumOf = (amounts: readonly number[]) => amounts.reduce((sum, amount) => sum + amount, 0);

describe("an invoice by day", () => {
  test("tiers count on through the days", async () => {
    const { data } = await metronome.v1.contracts.rateCards.create({ name: "Tiers" });
    await metronome.v1.contracts.rateCards.rates.add({
      rate_card_id: data.id,
      product_id: tokens,
      starting_at: "2020-01-01T00:00:00Z",
      entitled: true,
      rate_type: "TIERED",
      tiers: [{ size: 5, price: 0 }, { size: 5, price: 100 }, { price: 150 }],
    });
    await burn("2024-02-01T10:00:00Z", 4);
    await burn("2024-02-02T10:00:00Z", 4);
    await burn("2024-02-04T23:59:59Z", 4);
    await sign(FEBRUARY.slice(0, 1) as [string], {}, data.id);
    const days = ["2024-02-01T00:00:00Z", "2024-02-05T00:00:00Z"] as const;
    const parts = await breakdowns(days);
    expect(parts.map(shown)).toEqual([
      // 4 of the 5 free ones.
      "02-01 tokens: 4 x 0 = 0; 0",
      // The fifth, then 3 of the second tier.
      "02-02 tokens: 1 x 0 = 0, tokens: 3 x 100 = 300; 300",
      // Nothing used.
      "02-03 tokens: 0 x 0 = 0; 0",
      // 2 left in the second tier, 2 above it.
      "02-04 tokens: 2 x 100 = 200, tokens: 2 x 150 = 300; 500",
    ]);
    const [invoice] = await listInvoices(metronome, customer);
    // 5 free + 5 x 100 + 2 x 150.
    expect(invoice?.total).toBe(800);
    // The header and the lines' time are the invoice's, the totals the window's.
    expect(parts[3]).toMatchObject({
      id: invoice?.id,
      status: "DRAFT",
      start_timestamp: "2024-02-01T00:00:00Z",
      end_timestamp: "2024-03-01T00:00:00Z",
      breakdown_start_timestamp: "2024-02-04T00:00:00Z",
      breakdown_end_timestamp: "2024-02-05T00:00:00Z",
      subtotal: 500,
      total: 500,
      line_items: [
        { starting_at: "2024-02-01T00:00:00Z", ending_before: "2024-03-01T00:00:00Z" },
        { tier: { level: 3, starting_at: "10" } },
      ],
    });
    const used = await breakdowns(days, { skip_zero_qty_line_items: true });
    expect(used.map(shown)).toEqual([
      "02-01 tokens: 4 x 0 = 0; 0",
      "02-02 tokens: 1 x 0 = 0, tokens: 3 x 100 = 300; 300",
      "02-04 tokens: 2 x 100 = 200, tokens: 2 x 150 = 300; 500",
    ]);
  });

  test("a prepaid commit that runs out on the second day pays until then", async () => {
    await burn("2024-02-01T10:00:00Z", 3);
    await burn("2024-02-02T10:00:00Z", 4);
    await burn("2024-02-03T10:00:00Z", 1);
    await sign([FEBRUARY[0]], { commits: [prepaid(500, FEBRUARY)] });
    const parts = await breakdowns(["2024-02-01T00:00:00Z", "2024-02-04T00:00:00Z"]);
    expect(parts.map(shown)).toEqual([
      "02-01 tokens: 3 x 100 = 300, Balance applied = -300; 0",
      // 200 is left of 500.
      "02-02 tokens: 2 x 100 = 200, Balance applied = -200, tokens: 2 x 100 = 200; 200",
      "02-03 tokens: 1 x 100 = 100; 100",
    ]);
    expect(parts.map(({ subtotal }) => subtotal)).toEqual([300, 400, 100]);
    const [invoice] = await listInvoices(metronome, customer);
    expect(invoice?.line_items.map(showLine)).toEqual([
      "tokens: 5 x 100 = 500",
      "Balance applied = -500",
      "tokens: 3 x 100 = 300",
    ]);
  });

  test.each([
    ["MAX", [5, 3, 9], [5, 0, 4], "the highest rises to 5, then to 9"],
    ["LATEST", [7, 10, 5], [7, 3, -5], "the reading rises to 10 and falls to 5"],
    ["UNIQUE", [1, 1, 2], [1, 0, 1], "1 was seen, 2 was not"],
    ["COUNT", [1, 1, 2], [1, 1, 1], "one event a day"],
  ] as const)("%s of %j is %j a day: %s", async (aggregation, values, quantities, _reason) => {
    const name = `of ${aggregation}`;
    const product = await createUsageProduct(metronome, name, aggregation);
    for (const [n, value] of values.entries()) {
      await use(metronome, customer, name, `2024-02-0${n + 1}T10:00:00Z`, value);
    }
    await sign([FEBRUARY[0]], {}, await createRateCard(metronome, [[product, 10]]));
    const parts = await breakdowns(["2024-02-01T00:00:00Z", "2024-02-04T00:00:00Z"]);
    const lines = parts.map(({ line_items: [line] }) => line?.quantity);
    expect(lines).toEqual(quantities);
    expect(parts.map(({ total }) => total)).toEqual(quantities.map((n) => n * 10));
  });

  test("what is scheduled and subscribed is whole in the window of its time", async () => {
    await burn("2024-02-05T01:00:00Z", 2);
    await sign([FEBRUARY[0]], {
      scheduled_charges: [
        {
          product_id: fixed,
          schedule: {
            schedule_items: [{ timestamp: "2024-02-05T10:00:00Z", unit_price: 700, quantity: 1 }],
          },
        },
      ],
      subscriptions: [
        {
          collection_schedule: "ARREARS",
          initial_quantity: 2,
          proration: { is_prorated: true },
          subscription_rate: { billing_frequency: "MONTHLY", product_id: seats },
        },
      ],
    });
    const parts = await breakdowns(FEBRUARY, { skip_zero_qty_line_items: true });
    expect(parts.map((part) => `${part.type} ${shown(part)}`)).toEqual([
      // In arrears it falls due at the end of February, for the time from its 1st.
      "USAGE 02-01 seats: 2 x 3500 = 7000; 7000",
      "USAGE 02-05 tokens: 2 x 100 = 200; 200",
      "SCHEDULED 02-05 Onboarding: 1 x 700 = 700; 700",
    ]);
    const invoices = await listInvoices(metronome, customer);
    expect(sumOf(invoices.map(({ total }) => total))).toBe(7900);
  });
});

test("an invoice by hour, in UTC", async () => {
  await burn("2024-02-01T00:59:59Z", 1);
  // 03:10 in UTC.
  await burn("2024-02-01T05:10:00+02:00", 2);
  await sign([FEBRUARY[0]]);
  const morning = ["2024-02-01T00:00:00Z", "2024-02-01T05:00:00Z"] as const;
  const parts = await breakdowns(morning, { window_size: "HOUR" });
  expect(parts.map(shown)).toEqual([
    "02-01 tokens: 1 x 100 = 100; 100",
    "02-01T01 tokens: 0 x 100 = 0; 0",
    "02-01T02 tokens: 0 x 100 = 0; 0",
    "02-01T03 tokens: 2 x 100 = 200; 200",
    "02-01T04 tokens: 0 x 100 = 0; 0",
  ]);
  const path = `/v1/customers/${customer}/invoices/breakdowns?window_size=Hour`;
  // Only whole hours that lie within: 1, 2 and 3 o'clock.
  const { body } = await server.send(
    "GET",
    `${path}&starting_on=2024-02-01T00:30:00Z&ending_before=2024-02-01T04:30:00Z`,
  );
  expect(body.data.map((part: Breakdown) => part.breakdown_end_timestamp)).toEqual([
    "2024-02-01T02:00:00Z",
    "2024-02-01T03:00:00Z",
    "2024-02-01T04:00:00Z",
  ]);
});

describe("pages", () => {
  test("a page has 35 days, and what is still to come is not there", async () => {
    await burn("2024-02-05T10:00:00Z", 1);
    await sign([JANUARY[0]]);
    const query = {
      customer_id: customer,
      starting_on: "2023-01-01T00:00:00Z",
      ending_before: "2025-01-01T00:00:00Z",
    };
    const first = await metronome.v1.customers.invoices.listBreakdowns(query);
    // 31 days of January and 4 of February.
    expect(first.data.length).toBe(35);
    expect(first.data[0]?.breakdown_start_timestamp).toBe("2024-01-01T00:00:00Z");
    expect(first.data.map(({ status }) => status)).toEqual([
      ...Array.from({ length: 31 }, () => "FINALIZED"),
      ...Array.from({ length: 4 }, () => "DRAFT"),
    ]);
    const second = await first.getNextPage();
    // The 5th to the 10th, which has begun.
    expect(second.data.map(shown)).toEqual([
      "02-05 tokens: 1 x 100 = 100; 100",
      ...["06", "07", "08", "09", "10"].map((day) => `02-${day} tokens: 0 x 100 = 0; 0`),
    ]);
    expect(second.hasNextPage()).toBe(false);
    const drafts = await breakdowns([query.starting_on, query.ending_before], { status: "draft" });
    expect(drafts.length).toBe(10);
    const newest = await breakdowns([query.starting_on, query.ending_before], {
      sort: "date_desc",
    });
    expect(newest.map(shown)).toEqual([...first.data, ...second.data].map(shown).toReversed());
  });

  test("a page has 24 hours, and no more than asked for", async () => {
    await burn("2024-02-01T23:00:00Z", 1);
    await burn("2024-02-02T00:00:00Z", 2);
    await sign([FEBRUARY[0]]);
    const query = {
      customer_id: customer,
      starting_on: "2024-02-01T00:00:00Z",
      ending_before: "2024-02-02T06:00:00Z",
      window_size: "HOUR" as const,
    };
    const day = await metronome.v1.customers.invoices.listBreakdowns(query);
    expect(day.data.length).toBe(24);
    const night = await day.getNextPage();
    expect(night.data.length).toBe(6);
    expect(night.data[0]?.total).toBe(200);
    expect(night.next_page).toBe("");
    const sizes: number[] = [];
    const pages = await metronome.v1.customers.invoices.listBreakdowns({ ...query, limit: 13 });
    for await (const page of pages.iterPages()) sizes.push(page.data.length);
    // 30 hours.
    expect(sizes).toEqual([13, 13, 4]);
  });

  test("a page may end between two invoices of one window", async () => {
    await burn("2024-02-03T10:00:00Z", 1);
    await sign([FEBRUARY[0]]);
    await sign([FEBRUARY[0]]);
    const days = ["2024-02-02T00:00:00Z", "2024-02-05T00:00:00Z"] as const;
    const parts = await breakdowns(days, { limit: 1 });
    expect(parts.map(shown)).toEqual(
      ["02-02", "02-02", "02-03", "02-03", "02-04", "02-04"].map((day) =>
        day === "02-03" ? `${day} tokens: 1 x 100 = 100; 100` : `${day} tokens: 0 x 100 = 0; 0`,
      ),
    );
    expect(new Set(parts.slice(0, 2).map(({ id }) => id)).size).toBe(2);
    const backwards = await breakdowns(days, { limit: 1, sort: "date_desc" });
    expect(backwards.map(({ id }) => id)).toEqual(parts.map(({ id }) => id).toReversed());
  });
});

describe("a final invoice", () => {
  test("late usage is in its breakdowns, on the balance that it had", async () => {
    await burn("2024-01-10T10:00:00Z", 3);
    await sign(JANUARY, { commits: [prepaid(500, JANUARY)] });
    const days = ["2024-01-08T00:00:00Z", "2024-01-22T00:00:00Z"] as const;
    const query = { skip_zero_qty_line_items: true };
    const before = ["01-10 tokens: 3 x 100 = 300, Balance applied = -300; 0"];
    expect((await breakdowns(days, query)).map(shown)).toEqual(before);
    await burn("2024-01-20T10:00:00Z", 4);
    expect((await breakdowns(days, query)).map(shown)).toEqual([
      ...before,
      // Of 500 the invoice burned 300; what is left pays 2 of 4.
      "01-20 tokens: 2 x 100 = 200, Balance applied = -200, tokens: 2 x 100 = 200; 200",
    ]);
    // The invoice, and what it burned, stay as they are.
    const [invoice] = await listInvoices(metronome, customer);
    expect(invoice).toMatchObject({ status: "FINALIZED", total: 0 });
    const { data } = await metronome.v1.contracts.listBalances({
      customer_id: customer,
      include_ledgers: true,
      include_contract_balances: true,
    });
    const entries = data[0]?.ledger ?? [];
    expect([...entries].map(({ type, amount }) => `${type} ${amount}`)).toEqual([
      "PREPAID_COMMIT_SEGMENT_START 500",
      "PREPAID_COMMIT_AUTOMATED_INVOICE_DEDUCTION -300",
      "PREPAID_COMMIT_EXPIRATION -200",
    ]);
  });

  test("with everything that it bills it adds up", async () => {
    await burn("2024-01-10T10:00:00Z", 3);
    await sign(JANUARY, {
      scheduled_charges_on_usage_invoices: "ALL",
      scheduled_charges: [
        {
          product_id: fixed,
          schedule: {
            schedule_items: [{ timestamp: JANUARY[1], unit_price: 900, quantity: 1 }],
          },
        },
      ],
      subscriptions: [
        {
          collection_schedule: "ARREARS",
          initial_quantity: 2,
          proration: { is_prorated: true },
          subscription_rate: { billing_frequency: "MONTHLY", product_id: seats },
        },
      ],
      commits: [prepaid(1000, JANUARY)],
    });
    const invoices = await listInvoices(metronome, customer);
    // 3 x 100 + 2 x 3500 + 900 - 1000.
    expect(invoices.map(({ status, total }) => `${status} ${total}`)).toEqual(["FINALIZED 7200"]);
    const parts = await breakdowns(JANUARY, { skip_zero_qty_line_items: true });
    expect(parts.map(shown)).toEqual([
      // Usage is paid first, so 700 are left for the seats: 0.2 of 2.
      "01-01 seats: 0.2 x 3500 = 700, Balance applied = -700, seats: 1.8 x 3500 = 6300; 6300",
      "01-10 tokens: 3 x 100 = 300, Balance applied = -300; 0",
      // Dated at the end of January, which is no part of it.
      "01-31 Onboarding: 1 x 900 = 900; 900",
    ]);
  });

  test("of an archived contract it is broken down too, and of a void one nothing", async () => {
    await burn("2024-01-10T10:00:00Z", 3);
    const contract = await sign(JANUARY, { commits: [prepaid(200, JANUARY)] });
    const [invoice] = await listInvoices(metronome, customer);
    await metronome.v1.contracts.archive({
      customer_id: customer,
      contract_id: contract,
      void_invoices: false,
    });
    const query = { skip_zero_qty_line_items: true };
    expect((await breakdowns(JANUARY, query)).map(shown)).toEqual([
      "01-10 tokens: 2 x 100 = 200, Balance applied = -200, tokens: 1 x 100 = 100; 100",
    ]);
    await metronome.v1.invoices.void({ id: invoice?.id ?? "" });
    expect(await breakdowns(JANUARY)).toEqual([]);
  });
});

describe("an invoice that was issued elsewhere", () => {
  const JUNE = ["2023-06-01T00:00:00Z", "2023-07-01T00:00:00Z"] as const;

  const importJune = async (quantities: object): Promise<string> => {
    const prices = await createRateCard(metronome, [[tokens, 250]]);
    const contract = await sign(
      [JUNE[0]],
      {
        usage_statement_schedule: {
          frequency: "MONTHLY",
          invoice_generation_starting_at: FEBRUARY[0],
        },
      },
      prices,
    );
    const [from, to] = JUNE;
    await metronome.v1.contracts.createHistoricalInvoices({
      preview: false,
      invoices: [
        {
          customer_id: customer,
          contract_id: contract,
          credit_type_id: USD,
          inclusive_start_date: from,
          exclusive_end_date: to,
          issue_date: "2023-07-03T00:00:00Z",
          breakdown_granularity: "DAY",
          billable_status: "billable",
          usage_line_items: [
            {
              product_id: tokens,
              inclusive_start_date: from,
              exclusive_end_date: to,
              ...quantities,
            },
          ],
        },
      ],
    });
    return prices;
  };

  test("its subtotals are in their days", async () => {
    const day = (n: number) => new Date(Date.UTC(2023, 5, n)).toISOString();
    await importJune({
      subtotals_with_quantity: Array.from({ length: 30 }, (_, n) => ({
        inclusive_start_date: day(n + 1),
        exclusive_end_date: day(n + 2),
        quantity: 1,
      })),
    });
    const parts = await breakdowns(JUNE);
    // 30 windows of 1 at 250.
    expect(parts.map(({ total }) => total)).toEqual(Array.from({ length: 30 }, () => 250));
    expect(parts[29] && shown(parts[29])).toBe("06-30 tokens: 1 x 250 = 250; 250");
    const invoices = await listInvoices(metronome, customer, { imported: true });
    expect(invoices.map(({ line_items: lines, total }) => [lines.map(showLine), total])).toEqual([
      [["tokens: 30 x 250 = 7500"], 7500],
    ]);
  });

  test("a quantity without subtotals is in the window in which its line begins", async () => {
    const prices = await importJune({ quantity: 30 });
    const parts = await breakdowns(JUNE, { skip_zero_qty_line_items: true });
    expect(parts.map(shown)).toEqual(["06-01 tokens: 30 x 250 = 7500; 7500"]);
    // Nobody can say how much of it was used before another price; it stays as it was billed.
    await metronome.v1.contracts.rateCards.rates.add({
      rate_card_id: prices,
      product_id: tokens,
      starting_at: "2023-06-15T00:00:00Z",
      entitled: true,
      rate_type: "FLAT",
      price: 100,
    });
    expect((await breakdowns(JUNE, { skip_zero_qty_line_items: true })).map(shown)).toEqual([
      "06-01 tokens: 30 x 250 = 7500; 7500",
    ]);
  });
});

test("bad input is refused by name, and a range without invoices is empty", async () => {
  await sign([FEBRUARY[0]]);
  const get = async (query: string, id = customer) => {
    const { status, body } = await server.send(
      "GET",
      `/v1/customers/${id}/invoices/breakdowns?${query}`,
    );
    return `${status} ${body.message ?? JSON.stringify(body)}`;
  };
  const range = "starting_on=2024-02-01T00:00:00Z&ending_before=2024-02-03T00:00:00Z";
  expect(await get("ending_before=2024-02-03T00:00:00Z")).toMatch(/^400 starting_on is required/);
  expect(await get("starting_on=2024-02-03T00:00:00Z")).toMatch(/^400 ending_before is required/);
  expect(await get("starting_on=yesterday&ending_before=2024-02-03T00:00:00Z")).toMatch(
    /^400 starting_on must be/,
  );
  expect(await get("starting_on=2024-02-03T00:00:00Z&ending_before=2024-02-03T00:00:00Z")).toBe(
    "400 ending_before must be after starting_on",
  );
  expect(await get(`${range}&window_size=WEEK`)).toMatch(/^400 window_size must be one of/);
  expect(await get(`${range}&status=VOID`)).toMatch(/^400 status must be one of/);
  expect(await get(`${range}&limit=101`)).toMatch(/^400 limit/);
  expect(await get(`${range}&next_page=x`)).toBe("400 next_page is not a token of this list");
  expect(await get(`${range}&colour=red`)).toMatch(/^400 unknown field colour/);
  expect(await get(range, NOBODY)).toMatch(/^404 /);
  const none = '200 {"data":[],"next_page":null}';
  expect(await get(`${range}&credit_type_id=${NOBODY}`)).toBe(none);
  expect(await get("starting_on=2020-01-01T00:00:00Z&ending_before=2021-01-01T00:00:00Z")).toBe(
    none,
  );
  // No whole day lies in it.
  expect(await get("starting_on=2024-02-01T01:00:00Z&ending_before=2024-02-02T23:00:00Z")).toBe(
    none,
  );
});

// The clock moves from here on.
test("a commit that was added later pays nothing of it", async () => {
  await burn("2024-01-10T10:00:00Z", 3);
  await sign(JANUARY);
  await server.setClock("2024-02-10T13:00:00Z");
  await metronome.v1.customers.credits.create({
    customer_id: customer,
    name: "Late credit",
    priority: 1,
    product_id: fixed,
    access_schedule: {
      schedule_items: [{ amount: 1000, starting_at: JANUARY[0], ending_before: JANUARY[1] }],
    },
  });
  const parts = await breakdowns(JANUARY, { skip_zero_qty_line_items: true });
  expect(parts.map(shown)).toEqual(["01-10 tokens: 3 x 100 = 300; 300"]);
});

test("what later invoices burned stays burned", async () => {
  await burn("2024-01-31T10:00:00Z", 3);
  await burn("2024-02-01T10:00:00Z", 2);
  const both = [JANUARY[0], FEBRUARY[1]] as const;
  const [from, to] = both;
  const terms = { starting_at: from, ending_before: to, commits: [prepaid(500, both)] };
  await createContract(metronome, customer, card, terms);
  await server.setClock("2024-03-03T00:00:00Z");
  // 300 in January, 200 in February: nothing is left. Then come 4 more of January.
  await burn("2024-01-31T12:00:00Z", 4);
  const parts = await breakdowns(both, { skip_zero_qty_line_items: true });
  expect(parts.map(shown)).toEqual([
    "01-31 tokens: 3 x 100 = 300, Balance applied = -300, tokens: 4 x 100 = 400; 400",
    "02-01 tokens: 2 x 100 = 200, Balance applied = -200; 0",
  ]);
});
