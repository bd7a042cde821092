import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createContract,
  createCustomer,
  createFixedProduct,
  createRateCard,
  createUsageProduct,
  listInvoices,
  showLine,
  use,
} from "../support/billing.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

/**
 * Billing examples whose figures are derived by hand in the comments, played through the official
 * client on the sandbox's clock. The clock only goes forwards, so they follow on each other.
 */
const USD = "2714e483-4ff1-48e4-9e25-ac732e8f24f2";

let server: TestServer;
let fixed: string;

beforeAll(async () => {
  server = await startTestServer();
  await server.setClock("2024-01-01T00:00:00Z");
  fixed = await createFixedProduct(server.metronome, "prepayment");
});

afterAll(async () => {
  await server.close();
});

const access = (amount: number, startingAt: string, endingBefore: string) => ({
  credit_type_id: USD,
  schedule_items: [{ amount, starting_at: startingAt, ending_before: endingBefore }],
});

const usageInvoices = async (customerId: string) =>
  listInvoices(server.metronome, customerId, { type: "USAGE" });

const balanceOf = async (customerId: string, commitName: string): Promise<number | undefined> => {
  for await (const balance of server.metronome.v1.contracts.listBalances({
    customer_id: customerId,
    include_contract_balances: true,
    include_balance: true,
  })) {
    if (balance.name === commitName) return balance.balance;
  }
  throw new Error(`no balance of ${commitName}`);
};

describe("January", () => {
  let tiered: string;
  let prepaid: string;
  let changing: string;

  beforeAll(async () => {
    const { metronome } = server;
    // Tiers: the first 5 free, the next 5 at $1, above at $1.50.
    const steps = await createUsageProduct(metronome, "steps");
    const tieredCard = await createRateCard(metronome, []);
    await metronome.v1.contracts.rateCards.rates.add({
      rate_card_id: tieredCard,
      product_id: steps,
      starting_at: "2020-01-01T00:00:00Z",
      entitled: true,
      rate_type: "TIERED",
      tiers: [{ size: 5, price: 0 }, { size: 5, price: 100 }, { price: 150 }],
    });
    tiered = await createCustomer(metronome, "Tiered");
    await createContract(metronome, tiered, tieredCard, { starting_at: "2024-01-01T00:00:00Z" });

    // 80 tokens at $1 against a prepaid $50.
    const tokens = await createUsageProduct(metronome, "tokens");
    const card = await createRateCard(metronome, [[tokens, 100]]);
    prepaid = await createCustomer(metronome, "Prepaid");
    await createContract(metronome, prepaid, card, {
      starting_at: "2024-01-01T00:00:00Z",
      commits: [
        {
          type: "PREPAID",
          product_id: fixed,
          name: "Fifty dollars",
          access_schedule: access(5000, "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"),
        },
      ],
    });

    // A credit of $500 that ends on the 16th.
    const gold = await createUsageProduct(metronome, "gold");
    const silver = await createUsageProduct(metronome, "silver");
    const metals = await createRateCard(metronome, [
      [gold, 100],
      [silver, 50],
    ]);
    changing = await createCustomer(metronome, "Half a month of credit");
    await createContract(metronome, changing, metals, {
      starting_at: "2024-01-01T00:00:00Z",
      credits: [
        {
          product_id: fixed,
          name: "Welcome",
          access_schedule: access(50_000, "2024-01-01T00:00:00Z", "2024-01-16T00:00:00Z"),
        },
      ],
    });

    await server.setClock("2024-01-31T12:00:00Z");
    await use(metronome, tiered, "steps", "2024-01-10T00:00:00Z", 12);
    await use(metronome, prepaid, "tokens", "2024-01-10T00:00:00Z", 80);
    await use(metronome, changing, "gold", "2024-01-15T23:59:59Z", 360);
    await use(metronome, changing, "silver", "2024-01-01T00:00:00Z", 100);
    await use(metronome, changing, "gold", "2024-01-16T00:00:00Z", 384);
    await use(metronome, changing, "silver", "2024-01-20T00:00:00Z", 150);
  });

  const finalized = async (customerId: string) => {
    const [january] = await usageInvoices(customerId);
    expect(january).toMatchObject({ status: "FINALIZED", issued_at: "2024-02-02T00:00:00Z" });
    return january;
  };

  test("drafts reserve what they would burn", async () => {
    // 5000 - 5000 by the draft, before anything is final.
    expect(await balanceOf(prepaid, "Fifty dollars")).toBe(0);
  });

  test("tiers: 5 x 0 + 5 x 100 + 2 x 150 = 800", async () => {
    await server.setClock("2024-02-02T00:00:00Z");
    const invoice = await finalized(tiered);
    expect(invoice?.total).toBe(800);
    expect(invoice?.line_items.map(showLine)).toEqual([
      "steps: 5 x 0 = 0",
      "steps: 5 x 100 = 500",
      "steps: 2 x 150 = 300",
    ]);
    expect(invoice?.line_items.map(({ tier }) => tier)).toEqual([
      { level: 1, starting_at: "0", size: "5" },
      { level: 2, starting_at: "5", size: "5" },
      { level: 3, starting_at: "10", size: null },
    ]);
  });

  test("a commit that is used up splits the line: 5000 - 5000 + 3000", async () => {
    const invoice = await finalized(prepaid);
    expect(invoice).toMatchObject({ subtotal: 8000, total: 3000 });
    expect(invoice?.line_items.map(showLine)).toEqual([
      "tokens: 50 x 100 = 5000",
      "Fifty dollars applied = -5000",
      "tokens: 30 x 100 = 3000",
    ]);
    const [covered, offset, rest] = invoice?.line_items ?? [];
    const commitFields = {
      commit_id: expect.any(String),
      commit_segment_id: expect.any(String),
      commit_type: "PrepaidCommit",
      commit_custom_fields: {},
      applied_commit_or_credit: { id: expect.any(String), type: "PREPAID" },
    };
    expect(covered).toMatchObject({ type: "usage", ...commitFields });
    expect(offset).toMatchObject({ type: "applied_commit_or_credit", ...commitFields });
    expect(offset?.product_id).toBe(covered?.product_id);
    expect(offset).not.toHaveProperty("quantity");
    expect(offset).not.toHaveProperty("unit_price");
    expect(rest).not.toHaveProperty("commit_id");
    expect(await balanceOf(prepaid, "Fifty dollars")).toBe(0);
  });

  test("a credit that ends inside the period: 360 + 50 - 360 - 50 + 384 + 75 = 459 dollars", async () => {
    const invoice = await finalized(changing);
    expect(invoice).toMatchObject({ subtotal: 86_900, total: 45_900 });
    expect(invoice?.line_items.map(showLine)).toEqual([
      "gold: 360 x 100 = 36000",
      "silver: 100 x 50 = 5000",
      "Welcome applied = -36000",
      "Welcome applied = -5000",
      "gold: 384 x 100 = 38400",
      "silver: 150 x 50 = 7500",
    ]);
    expect(invoice?.line_items[2]?.applied_commit_or_credit?.type).toBe("CREDIT");
  });
});

describe("a prepaid commit and a credit in turn", () => {
  let customerId: string;

  beforeAll(async () => {
    const { metronome } = server;
    await server.setClock("2024-09-01T00:00:00Z");
    const calls = await createUsageProduct(metronome, "calls");
    const card = await createRateCard(metronome, [[calls, 100]]);
    customerId = await createCustomer(metronome, "In turn");
    await createContract(metronome, customerId, card, {
      starting_at: "2024-09-01T00:00:00Z",
      commits: [
        {
          type: "PREPAID",
          product_id: fixed,
          name: "Hundred",
          priority: 100,
          access_schedule: access(10_000, "2024-09-01T00:00:00Z", "2025-09-01T00:00:00Z"),
        },
      ],
      credits: [
        {
          product_id: fixed,
          name: "October",
          priority: 1,
          access_schedule: access(500, "2024-10-01T00:00:00Z", "2024-11-01T00:00:00Z"),
        },
      ],
    });
    await server.setClock("2024-09-20T00:00:00Z");
    await use(metronome, customerId, "calls", "2024-09-19T00:00:00Z", 65);
    await server.setClock("2024-10-20T00:00:00Z");
    await use(metronome, customerId, "calls", "2024-10-19T00:00:00Z", 20);
    await server.setClock("2024-11-02T00:00:00Z");
  });

  test("September burns the commit alone, October the credit first", async () => {
    const [september, october] = await usageInvoices(customerId);
    // 6500 - 6500 = 0; then 500 - 500 + 1500 - 1500 = 0.
    expect([september?.total, september?.subtotal]).toEqual([0, 6500]);
    expect([october?.total, october?.subtotal]).toEqual([0, 2000]);
    const offsets = october?.line_items.filter(({ type }) => type === "applied_commit_or_credit");
    expect(offsets?.map(showLine)).toEqual(["October applied = -500", "Hundred applied = -1500"]);
  });

  test("balances: 10000 - 6500 - 1500 = 2000, and nothing of the credit", async () => {
    expect(await balanceOf(customerId, "Hundred")).toBe(2000);
    const entries = await server.db
      .selectFrom("commit_ledger_entries as entry")
      .innerJoin("commits", "commits.id", "entry.commit_id")
      .where("commits.customer_id", "=", customerId)
      .orderBy("entry.entered_at")
      .orderBy("entry.amount")
      .select(["commits.name", "entry.type", "entry.amount", "entry.entered_at"])
      .execute();
    expect(entries.map(({ name, type, amount, entered_at }) => [name, type, amount, entered_at]))
      // Dated at the end of the service period.
      .toEqual([
        ["Hundred", "PREPAID_COMMIT_AUTOMATED_INVOICE_DEDUCTION", "-6500", "2024-10-01T00:00:00Z"],
        ["Hundred", "PREPAID_COMMIT_AUTOMATED_INVOICE_DEDUCTION", "-1500", "2024-11-01T00:00:00Z"],
        ["October", "CREDIT_AUTOMATED_INVOICE_DEDUCTION", "-500", "2024-11-01T00:00:00Z"],
      ]);
  });
});

describe("a commit sold below its value", () => {
  test("the purchase is invoiced at $8,000 on its day, $10,000 can be used", async () => {
    const { metronome } = server;
    await server.setClock("2024-12-01T00:00:00Z");
    const minutes = await createUsageProduct(metronome, "minutes");
    const card = await createRateCard(metronome, [[minutes, 100]]);
    const customerId = await createCustomer(metronome, "Discounted");
    await createContract(metronome, customerId, card, {
      starting_at: "2024-12-01T00:00:00Z",
      commits: [
        {
          type: "PREPAID",
          product_id: fixed,
          name: "Year",
          access_schedule: access(1_000_000, "2024-12-01T00:00:00Z", "2025-12-01T00:00:00Z"),
          invoice_schedule: {
            credit_type_id: USD,
            schedule_items: [{ timestamp: "2024-12-10T00:00:00Z", amount: 800_000 }],
          },
        },
      ],
    });
    const scheduled = async () =>
      (await listInvoices(metronome, customerId, { type: "SCHEDULED" }))[0];
    expect(await scheduled()).toMatchObject({ status: "DRAFT", total: 800_000 });
    await server.setClock("2024-12-10T00:00:00Z");
    const invoice = await scheduled();
    expect(invoice).toMatchObject({
      status: "FINALIZED",
      issued_at: "2024-12-10T00:00:00Z",
      subtotal: 800_000,
      total: 800_000,
    });
    expect(invoice).not.toHaveProperty("start_timestamp");
    expect(invoice?.line_items).toHaveLength(1);
    expect(invoice?.line_items[0]).toMatchObject({
      type: "commit_purchase",
      name: "Year",
      product_id: fixed,
      product_type: "FixedProductListItem",
      quantity: 1,
      unit_price: 800_000,
      total: 800_000,
      commit_id: expect.any(String),
    });
    expect(await balanceOf(customerId, "Year")).toBe(1_000_000);
  });
});
