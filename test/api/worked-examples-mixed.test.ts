import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createBilledCustomer } from "../support/billed-customer.ts";
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
 * More billing examples through the official client, with their figures derived by hand: kinds of
 * commits in turn, a metric that falls, subscriptions that begin inside a month, what is delivered.
 */
const USD = "2714e483-4ff1-48e4-9e25-ac732e8f24f2";
const APRIL = "2024-04-01T00:00:00Z";
const JUNE = "2024-06-01T00:00:00Z";

let server: TestServer;
let fixed: string;

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock(APRIL);
  fixed = await createFixedProduct(server.metronome, "prepayment");
});

afterAll(async () => {
  await server.close();
});

const access = (amount: number, starting_at = APRIL, ending_before = "2025-04-01T00:00:00Z") => ({
  access_schedule: {
    credit_type_id: USD,
    schedule_items: [{ amount, starting_at, ending_before }],
  },
});

const customerWith = async (cardId: string, terms: Partial<NewContract>, startingAt = APRIL) => {
  const customer = await createCustomer(server.metronome);
  await createContract(server.metronome, customer, cardId, { starting_at: startingAt, ...terms });
  return customer;
};

const usageInvoices = (customer: string) =>
  listInvoices(server.metronome, customer, { type: "USAGE" });

async function balances(customer_id: string): Promise<Record<string, number | undefined>> {
  const found: Record<string, number | undefined> = {};
  const query = { customer_id, include_contract_balances: true, include_balance: true };
  for await (const { name, balance } of server.metronome.v1.contracts.listBalances(query)) {
    found[name ?? ""] = balance;
  }
  return found;
}

describe("April", () => {
  let inTurn: string;
  let byKind: string;
  let falling: string;
  let foreseen: string;
  let rising: string;
  let subscribed: string;
  let delivered: string;

  beforeAll(async () => {
    const { metronome } = server;
    const dollar = await createRateCard(metronome, [
      [await createUsageProduct(metronome, "calls"), 100],
    ]);
    const cent = await createRateCard(metronome, [
      [await createUsageProduct(metronome, "pings"), 1],
    ]);
    const promise = (type: "PREPAID" | "POSTPAID", name: string, amount: number, more = {}) => ({
      ...{ type, product_id: fixed, name, ...access(amount) },
      ...(type === "PREPAID"
        ? {}
        : {
            invoice_schedule: {
              credit_type_id: USD,
              schedule_items: [{ timestamp: "2025-04-01T00:00:00Z", amount }],
            },
          }),
      ...more,
    });
    inTurn = await customerWith(dollar, {
      commits: [promise("POSTPAID", "Later", 40_000), promise("PREPAID", "Paid", 40_000)],
    });
    byKind = await customerWith(cent, {
      commits: [
        promise("POSTPAID", "P", 100, { priority: 1 }),
        promise("PREPAID", "A", 100, { priority: 50 }),
      ],
      credits: [{ product_id: fixed, name: "B", priority: 100, ...access(100) }],
    });

    // A metric of the latest value; $3, from the 16th $4.
    const { data: metric } = await metronome.v1.billableMetrics.create({
      name: "seats in use",
      aggregation_type: "LATEST",
      aggregation_key: "value",
      event_type_filter: { in_values: ["seats in use"] },
      property_filters: [{ name: "value", exists: true }],
    });
    const { data: seats } = await metronome.v1.contracts.products.create({
      name: "seats in use",
      type: "USAGE",
      billable_metric_id: metric.id,
    });
    const changing = await createRateCard(metronome, [[seats.id, 300]]);
    await metronome.v1.contracts.rateCards.rates.add({
      rate_card_id: changing,
      product_id: seats.id,
      starting_at: "2024-04-16T00:00:00Z",
      entitled: true,
      rate_type: "FLAT",
      price: 400,
    });
    const credit = (from: string) => ({
      credits: [
        { product_id: fixed, name: "Credit", ...access(10_000, from, "2024-05-01T00:00:00Z") },
      ],
    });
    falling = await customerWith(changing, {});
    foreseen = await customerWith(changing, credit(APRIL));
    rising = await customerWith(changing, credit("2024-04-16T00:00:00Z"));

    // $30 a month from April 23, a seat of $5 from the 29th.
    const plans = await createRateCard(metronome, []);
    const products = new Map<string, string>();
    for (const [name, price] of [
      ["Plan", 3000],
      ["Seat", 500],
    ] as const) {
      const { data } = await metronome.v1.contracts.products.create({ name, type: "SUBSCRIPTION" });
      products.set(name, data.id);
      await metronome.v1.contracts.rateCards.rates.add({
        rate_card_id: plans,
        product_id: data.id,
        starting_at: "2020-01-01T00:00:00Z",
        entitled: true,
        rate_type: "FLAT",
        price,
        billing_frequency: "MONTHLY",
      });
    }
    const subscription = (name: string, starting_at: string) => ({
      subscription_rate: {
        product_id: products.get(name) ?? "",
        billing_frequency: "MONTHLY" as const,
      },
      collection_schedule: "ARREARS" as const,
      proration: { is_prorated: true },
      quantity_management_mode: "QUANTITY_ONLY" as const,
      initial_quantity: 1,
      starting_at,
    });
    subscribed = await customerWith(plans, {
      subscriptions: [
        subscription("Plan", "2024-04-23T00:00:00Z"),
        subscription("Seat", "2024-04-29T00:00:00Z"),
      ],
    });

    const ten = await createUsageProduct(metronome, "reports");
    const three = await createUsageProduct(metronome, "exports");
    const prices = await createRateCard(metronome, [
      [ten, 1000],
      [three, 300],
    ]);
    delivered = (await createBilledCustomer(server)).id;
    await createContract(metronome, delivered, prices, { starting_at: APRIL });

    await server.setClock("2024-04-30T12:00:00Z");
    await use(metronome, inTurn, "calls", "2024-04-10T00:00:00Z", 500);
    await use(metronome, byKind, "pings", "2024-04-10T00:00:00Z", 250);
    for (const [customer, later] of [
      [falling, 30],
      [foreseen, 30],
      [rising, 120],
    ] as const) {
      await use(metronome, customer, "seats in use", "2024-04-05T00:00:00Z", 40);
      await use(metronome, customer, "seats in use", "2024-04-20T00:00:00Z", later);
    }
    await use(metronome, delivered, "reports", "2024-04-10T00:00:00Z", 2);
    await use(metronome, delivered, "exports", "2024-04-10T00:00:00Z", 1.5);
    await server.setClock("2024-05-02T00:00:00Z");
  });

  const april = async (customer: string) => {
    const [invoice] = await usageInvoices(customer);
    if (invoice === undefined) throw new Error("April has no invoice");
    expect(invoice.status).toBe("FINALIZED");
    return { ...invoice, lines: invoice.line_items.map(showLine) };
  };

  test("7. $400 prepaid and $400 postpaid, $500 used: $100 due, $300 of the promise open", async () => {
    const { lines, subtotal, total } = await april(inTurn);
    expect(lines).toEqual([
      "calls: 400 x 100 = 40000",
      "calls: 100 x 100 = 10000",
      "Paid applied = -40000",
      "Later applied = -10000",
    ]);
    expect([subtotal, total]).toEqual([50_000, 10_000]);
    expect(await balances(inTurn)).toEqual({ Paid: 0, Later: 30_000 });
  });

  test("15. kinds before priorities: prepaid 100, credit 100, postpaid 50 of 250; 50 due", async () => {
    const { lines, total } = await april(byKind);
    expect(lines.filter((line) => line.includes("applied"))).toEqual([
      "A applied = -100",
      "B applied = -100",
      "P applied = -50",
    ]);
    expect(total).toBe(50);
    expect(await balances(byKind)).toEqual({ A: 0, B: 0, P: 50 });
  });

  test("8. 40 x $3, then -10 x $4: $80; a credit of $100 does not foresee the fall: -$20", async () => {
    expect((await april(falling)).lines).toEqual([
      "seats in use: 40 x 300 = 12000",
      "seats in use: -10 x 400 = -4000",
    ]);
    expect((await april(falling)).total).toBe(8000);
    // 10000 / 300 does not end: the amount is exact, its quantity has 12 decimals.
    expect((await april(foreseen)).lines).toEqual([
      "seats in use: 33.333333333333 x 300 = 10000",
      "Credit applied = -10000",
      "seats in use: 6.666666666667 x 300 = 2000",
      "seats in use: -10 x 400 = -4000",
    ]);
    expect((await april(foreseen)).total).toBe(-2000);
  });

  test("8. a credit from the change on, 80 more: 120 + 25 x 4 - 100 + 55 x 4 = $340", async () => {
    const { lines, total } = await april(rising);
    expect(lines).toEqual([
      "seats in use: 40 x 300 = 12000",
      "seats in use: 25 x 400 = 10000",
      "Credit applied = -10000",
      "seats in use: 55 x 400 = 22000",
    ]);
    expect(total).toBe(34_000);
  });

  test("12. 8 of 30 days of $30 are 800, 2 of 30 days of $5 33.33", async () => {
    const { lines, line_items } = await april(subscribed);
    expect(lines).toEqual(["Plan: 1 x 800 = 800", "Seat: 1 x 33.333333333333 = 33.333333333333"]);
    expect(line_items.map(({ is_prorated }) => is_prorated)).toEqual([true, true]);
  });

  test("14. 2 x $10.00 and 1.5 x $3.00 are delivered as 2000 and 450, quantity 1 each", async () => {
    const { external_invoice } = await april(delivered);
    const id = external_invoice?.invoice_id ?? "";
    const { lines, amount_due } = await server.stripe.invoices.retrieve(id);
    expect(
      lines.data.map(({ description, quantity, amount }) => [description, quantity, amount]),
    ).toEqual([
      ["reports (2 x $10.00)", 1, 2000],
      ["exports (1.5 x $3.00)", 1, 450],
    ]);
    expect(amount_due).toBe(2450);
  });
});

describe("June and July", () => {
  test("11. $60 prepaid at $2.50: June is 0, July splits 14 and 6", async () => {
    const { metronome } = server;
    await server.setClock(JUNE);
    const card = await createRateCard(metronome, [
      [await createUsageProduct(metronome, "scans"), 250],
    ]);
    const prepaid = {
      product_id: fixed,
      name: "Sixty",
      ...access(6000, JUNE, "2025-06-01T00:00:00Z"),
    };
    const customer = await customerWith(card, { commits: [{ type: "PREPAID", ...prepaid }] }, JUNE);
    await server.setClock("2024-06-20T00:00:00Z");
    await use(metronome, customer, "scans", "2024-06-19T00:00:00Z", 10);
    await server.setClock("2024-07-20T00:00:00Z");
    await use(metronome, customer, "scans", "2024-07-19T00:00:00Z", 20);
    await server.setClock("2024-08-02T00:00:00Z");
    const [june, july] = await usageInvoices(customer);
    expect(june?.line_items.map(showLine)).toEqual([
      "scans: 10 x 250 = 2500",
      "Sixty applied = -2500",
    ]);
    expect(july?.line_items.map(showLine)).toEqual([
      "scans: 14 x 250 = 3500",
      "Sixty applied = -3500",
      "scans: 6 x 250 = 1500",
    ]);
    expect([june?.total, july?.total]).toEqual([0, 1500]);
    expect(await balances(customer)).toEqual({ Sixty: 0 });
  });
});
