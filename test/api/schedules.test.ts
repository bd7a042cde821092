import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createContract,
  createCustomer,
  createFixedProduct,
  createRateCard,
  createUsageProduct,
  listInvoices,
  type NewContract,
} from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/** Dated amounts of charges and of purchases, with every frequency and distribution. */
const USD = "2714e483-4ff1-48e4-9e25-ac732e8f24f2";
const START = "2024-01-31T00:00:00Z";

type Commit = NonNullable<NewContract["commits"]>[number];
type Schedule = NonNullable<Commit["invoice_schedule"]>;
type Recurrence = NonNullable<Schedule["recurring_schedule"]>;

let server: TestServer;
let fixed: string;
let card: string;

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock(START);
  fixed = await createFixedProduct(server.metronome, "Fee");
  const tokens = await createUsageProduct(server.metronome, "tokens");
  card = await createRateCard(server.metronome, [[tokens, 100]]);
});

afterAll(async () => {
  await server.close();
});

const access = (amount: number) => ({
  schedule_items: [{ amount, starting_at: START, ending_before: "2026-01-31T00:00:00Z" }],
});

/** A contract that bills the schedule, and its SCHEDULED invoices. */
async function bill(terms: Partial<NewContract>) {
  const customer_id = await createCustomer(server.metronome);
  const contract_id = await createContract(server.metronome, customer_id, card, {
    starting_at: START,
    ...terms,
  });
  const { data } = await server.metronome.v2.contracts.retrieve({ customer_id, contract_id });
  const invoices = await listInvoices(server.metronome, customer_id);
  return { contract: data, invoices: invoices.filter(({ type }) => type === "SCHEDULED") };
}

interface ShownItem {
  timestamp: string;
  quantity?: number;
  unit_price?: number;
  amount?: number;
}

const show = (items: readonly ShownItem[] | undefined): string[] =>
  (items ?? []).map(
    ({ timestamp, quantity, unit_price: unit, amount }) =>
      `${timestamp.slice(0, 10)}: ${quantity} x ${unit} = ${amount}`,
  );

describe("a schedule that recurs", () => {
  const cases: [string, Partial<Recurrence>, string[]][] = [
    [
      "MONTHLY EACH from the 31st",
      { frequency: "MONTHLY", ending_before: "2024-05-01T00:00:00Z", amount: 100 },
      [
        "2024-01-31: 1 x 100 = 100",
        "2024-02-29: 1 x 100 = 100",
        "2024-03-31: 1 x 100 = 100",
        "2024-04-30: 1 x 100 = 100",
      ],
    ],
    [
      "QUARTERLY DIVIDED: a fourth each",
      {
        frequency: "QUARTERLY",
        amount_distribution: "DIVIDED",
        ending_before: "2025-01-31T00:00:00Z",
        amount: 1000,
      },
      [
        "2024-01-31: 1 x 250 = 250",
        "2024-04-30: 1 x 250 = 250",
        "2024-07-31: 1 x 250 = 250",
        "2024-10-31: 1 x 250 = 250",
      ],
    ],
    [
      "SEMI_ANNUAL DIVIDED_ROUNDED: half a cent goes up, the last takes the rest",
      {
        frequency: "SEMI_ANNUAL",
        amount_distribution: "DIVIDED_ROUNDED",
        ending_before: "2025-01-31T00:00:00Z",
        amount: 101,
      },
      ["2024-01-31: 1 x 51 = 51", "2024-07-31: 1 x 50 = 50"],
    ],
    [
      "ANNUAL EACH of units",
      { frequency: "ANNUAL", ending_before: "2026-01-31T00:00:00Z", unit_price: 10, quantity: 3 },
      ["2024-01-31: 3 x 10 = 30", "2025-01-31: 3 x 10 = 30"],
    ],
    [
      // Our addition here, as the second version of the API has it for charges.
      "WEEKLY DIVIDED: 12 decimals, the last takes the rest",
      {
        frequency: "WEEKLY" as "MONTHLY",
        amount_distribution: "DIVIDED",
        ending_before: "2024-02-15T00:00:00Z",
        amount: 100,
      },
      [
        "2024-01-31: 1 x 33.333333333333 = 33.333333333333",
        "2024-02-07: 1 x 33.333333333333 = 33.333333333333",
        "2024-02-14: 1 x 33.333333333334 = 33.333333333334",
      ],
    ],
    [
      "MONTHLY DIVIDED of units: the quantity stays where its price is exact",
      {
        frequency: "MONTHLY",
        amount_distribution: "DIVIDED",
        ending_before: "2024-04-01T00:00:00Z",
        unit_price: 30,
        quantity: 10,
      },
      ["2024-01-31: 10 x 10 = 100", "2024-02-29: 10 x 10 = 100", "2024-03-31: 10 x 10 = 100"],
    ],
  ];

  const recurrence = (changes: Partial<Recurrence>): Recurrence => ({
    starting_at: START,
    ending_before: "2025-01-31T00:00:00Z",
    frequency: "MONTHLY",
    amount_distribution: "EACH",
    ...changes,
  });

  test.each(cases)("of a charge: %s", async (_what, changes, expected) => {
    const schedule = { recurring_schedule: recurrence(changes) };
    const { contract, invoices } = await bill({
      scheduled_charges: [{ product_id: fixed, schedule }],
    });
    expect(show(contract.scheduled_charges?.[0]?.schedule.schedule_items)).toEqual(expected);
    expect(invoices).toHaveLength(expected.length);
  });

  test.each(cases)("of a purchase: %s", async (_what, changes, expected) => {
    const { contract, invoices } = await bill({
      commits: [
        {
          type: "PREPAID",
          product_id: fixed,
          access_schedule: access(1000),
          invoice_schedule: { credit_type_id: USD, recurring_schedule: recurrence(changes) },
        },
      ],
    });
    expect(show(contract.commits?.[0]?.invoice_schedule?.schedule_items)).toEqual(expected);
    expect(invoices.map(({ line_items }) => line_items.length)).toEqual(expected.map(() => 1));
  });
});

test("a purchase that is not to be invoiced is shown, and billed nowhere", async () => {
  const { contract, invoices } = await bill({
    commits: [
      {
        type: "PREPAID",
        product_id: fixed,
        access_schedule: access(1000),
        invoice_schedule: {
          do_not_invoice: true,
          schedule_items: [{ timestamp: START, amount: 800 }],
        },
      },
    ],
  });
  expect(contract.commits?.[0]?.invoice_schedule).toMatchObject({
    do_not_invoice: true,
    schedule_items: [{ amount: 800 }],
  });
  expect(invoices).toEqual([]);
});

describe("refused, and nothing is created", () => {
  const items = (count: number) =>
    Array.from({ length: count }, () => ({ timestamp: START, amount: 1 }));
  const windows = (count: number) =>
    Array.from({ length: count }, () => ({
      amount: 1,
      starting_at: START,
      ending_before: "2025-01-31T00:00:00Z",
    }));
  const charge = (schedule: object) => ({ scheduled_charges: [{ product_id: fixed, schedule }] });
  const commit = (terms: object) => ({
    commits: [{ type: "PREPAID", product_id: fixed, access_schedule: access(100), ...terms }],
  });
  const once = (amount: number) => ({ schedule_items: [{ timestamp: START, amount }] });

  test.each<[string, () => object, string]>([
    [
      "a charge of ten thousand items",
      () => charge({ schedule_items: items(10_000) }),
      "scheduled_charges[0].schedule.schedule_items must",
    ],
    [
      "a purchase of ten thousand items",
      () => commit({ invoice_schedule: { schedule_items: items(10_000) } }),
      "commits[0].invoice_schedule.schedule_items must",
    ],
    [
      "ten thousand windows of access",
      () => commit({ access_schedule: { schedule_items: windows(10_000) } }),
      "commits[0].access_schedule.schedule_items must",
    ],
    [
      "a recurrence that would come ten thousand times",
      () =>
        commit({
          invoice_schedule: {
            recurring_schedule: {
              starting_at: START,
              ending_before: "2199-01-01T00:00:00Z",
              frequency: "WEEKLY",
              amount_distribution: "DIVIDED",
              amount: 1,
            },
          },
        }),
      "commits[0].invoice_schedule.recurring_schedule has more than 1000 dates",
    ],
    [
      "a postpaid commit larger than its schedule",
      () => commit({ type: "POSTPAID", invoice_schedule: once(99) }),
      "commits[0].invoice_schedule of a POSTPAID commit must be of the amount of its access",
    ],
    [
      "a postpaid commit smaller than its schedule",
      () => commit({ type: "POSTPAID", invoice_schedule: once(101) }),
      "commits[0].invoice_schedule of a POSTPAID commit must be of the amount of its access",
    ],
    [
      "a negative purchase",
      () => commit({ invoice_schedule: once(-1) }),
      "commits[0].invoice_schedule.schedule_items[0].amount must be at least 0",
    ],
    [
      "a negative charge",
      () => charge(once(-1)),
      "scheduled_charges[0].schedule.schedule_items[0].amount must be at least 0",
    ],
    [
      "access twice at one time",
      () => commit({ access_schedule: { schedule_items: windows(2) } }),
      "commits[0].access_schedule.schedule_items[1] must not overlap",
    ],
    [
      "a charge that is not to be invoiced",
      () => charge({ ...once(1), do_not_invoice: true }),
      "scheduled_charges[0].schedule.do_not_invoice is not supported",
    ],
  ])("%s", async (_what, terms, message) => {
    const customer_id = await createCustomer(server.metronome);
    const { status, body } = await server.send("POST", "/v1/contracts/create", {
      customer_id,
      rate_card_id: card,
      starting_at: START,
      ...terms(),
    });
    expect([status, body.message]).toEqual([400, expect.stringContaining(message)]);
    const { data } = await server.metronome.v2.contracts.list({ customer_id });
    expect(data).toEqual([]);
  });
});
