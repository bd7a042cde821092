import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { USD_CREDIT_TYPE_ID } from "../../src/domain/credit-type.ts";
import {
  createContract,
  createCustomer,
  createFixedProduct,
  createRateCard,
  createUsageProduct,
  use,
} from "../support/billing.ts";
import { type Organization, openOrganization } from "../support/organization.ts";
import { startTestServer, type TestServer } from "../support/server.ts";

const EUR = "ab6a6f74-f0d9-5c63-9800-1b379eb1b12c";

let server: TestServer;
let org: Organization;
let accountId: string;
let contractId: string;
let storage: string;
let metricId: string;

// biome-ignore lint/suspicious/noExplicitAny: bills as they come.
type Bill = any;

/** Type, quantity x price = subtotal, what of it counts. */
const showLines = (bill: Bill): string[] =>
  bill.lineItems.map(
    (line: Bill) =>
      `${line.lineItemType} ${line.description}: ${line.quantity} x ${line.averageUnitPrice} = ${line.subtotal} ${line.currency}, counts ${line.convertedSubtotal}`,
  );

const billsOf = async (account: string, query = ""): Promise<Bill[]> =>
  (await org.ask("GET", `/bills?accountId=${account}${query}`)).data;

/**
 * January 2024: 1,000 tokens at 2 cents, of which a credit of 500 cents pays 250; 150 of storage, the
 * first 100 at 10 cents and the rest at 5; and on January 15 a charge of 2 x 625 cents by itself.
 */
beforeAll(async () => {
  server = await startTestServer();
  const { metronome } = server;
  await server.setClock("2024-01-01T00:00:00Z");
  org = await openOrganization(server);
  const tokens = await createUsageProduct(metronome, "tokens");
  storage = await createUsageProduct(metronome, "storage");
  const product = await metronome.v1.contracts.products.retrieve({ id: storage });
  metricId = product.data.initial.billable_metric_id ?? "";
  const setup = await createFixedProduct(metronome, "Set-up");
  const card = await createRateCard(metronome, [[tokens, 2]]);
  await metronome.v1.contracts.rateCards.rates.add({
    rate_card_id: card,
    product_id: storage,
    starting_at: "2020-01-01T00:00:00Z",
    entitled: true,
    rate_type: "TIERED",
    tiers: [{ size: 100, price: 10 }, { price: 5 }],
  });
  accountId = (
    await org.ask("POST", "/accounts", {
      name: "Acme",
      code: "acme",
      purchaseOrderNumber: "PO-account",
      daysBeforeBillDue: 10,
    })
  ).id;
  contractId = await createContract(metronome, accountId, card, {
    starting_at: "2024-01-01T00:00:00Z",
    ending_before: "2024-03-01T00:00:00Z",
    credits: [
      {
        product_id: setup,
        name: "Welcome",
        priority: 1,
        applicable_product_ids: [tokens],
        access_schedule: {
          credit_type_id: USD_CREDIT_TYPE_ID,
          schedule_items: [
            {
              amount: 500,
              starting_at: "2024-01-01T00:00:00Z",
              ending_before: "2024-02-01T00:00:00Z",
            },
          ],
        },
      },
    ],
    scheduled_charges: [
      {
        product_id: setup,
        schedule: {
          schedule_items: [{ timestamp: "2024-01-15T00:00:00Z", unit_price: 625, quantity: 2 }],
        },
      },
    ],
  });
  await server.setClock("2024-01-20T00:00:00Z");
  await use(metronome, accountId, "tokens", "2024-01-10T00:00:00Z", 1000);
  await use(metronome, accountId, "storage", "2024-01-11T00:00:00Z", 150);
});
afterAll(() => server.close());

describe("an invoice is a bill, in whole units of its currency", () => {
  test("a draft is PENDING and shows every line; what counts adds up to its total", async () => {
    const [bill] = await billsOf(accountId, "&status=PENDING");
    expect(bill).toMatchObject({
      accountId,
      accountCode: "acme",
      status: "PENDING",
      locked: false,
      currency: "USD",
      billTotal: 27.5,
      startDate: "2024-01-01",
      endDate: "2024-02-01",
      startDateTimeUTC: "2024-01-01T00:00:00Z",
      billDate: "2024-02-01",
      dueDate: "2024-02-11",
      externalInvoiceDate: "2024-02-01",
      billingFrequency: "MONTHLY",
      billFrequencyInterval: 1,
      timezone: "UTC",
      purchaseOrderNumber: "PO-account",
      lastCalculatedDate: null,
      dtApproved: null,
      approvedBy: null,
      version: 1,
    });
    expect(showLines(bill)).toEqual([
      "USAGE tokens: 250 x 0.02 = 5 USD, counts 5",
      "BALANCE_CONSUMED Welcome applied: 1 x -5 = -5 USD, counts -5",
      "USAGE tokens: 750 x 0.02 = 15 USD, counts 15",
      "USAGE storage: 100 x 0.1 = 10 USD, counts 10",
      "USAGE storage: 50 x 0.05 = 2.5 USD, counts 2.5",
    ]);
    const { data } = await server.metronome.v1.customers.invoices.retrieve({
      customer_id: accountId,
      invoice_id: bill.id,
    });
    expect(data.total).toBe(2750);
    expect(await org.ask("GET", `/bills/${bill.id}`)).toEqual(bill);
    // The charge of January 15 began last.
    const latest = await org.ask("GET", `/bills/latest/${accountId}`);
    expect([latest.startDate, latest.billTotal]).toEqual(["2024-01-15", 12.5]);
    const [short] = await billsOf(accountId, "&status=PENDING&excludeLineItems=true");
    expect(short).toEqual({ ...bill, lineItems: undefined });
  });

  test("a line names its product, its time and the price band it is in", async () => {
    const [bill] = await billsOf(accountId, "&status=PENDING");
    expect(bill.lineItems[4]).toMatchObject({
      sequenceNumber: 5,
      unit: "1",
      units: 50,
      conversionRate: 1,
      productId: storage,
      productName: "storage",
      aggregationId: metricId,
      contractId,
      commitmentId: null,
      balanceId: null,
      segment: {},
      group: {},
      servicePeriodStartDate: "2024-01-01T00:00:00Z",
      servicePeriodEndDate: "2024-02-01T00:00:00Z",
      usagePerPricingBand: [
        {
          lowerLimit: 100,
          unitPrice: 0.05,
          fixedPrice: 0,
          bandUnits: 50,
          bandQuantity: 50,
          bandSubtotal: 2.5,
        },
      ],
    });
    const balance = bill.lineItems[1];
    expect(balance.balanceId).not.toBeNull();
    expect([balance.commitmentId, balance.aggregationId]).toEqual([null, null]);
  });

  test("lines are paged by themselves, with their bands under the other name", async () => {
    const [bill] = await billsOf(accountId, "&status=PENDING");
    const path = `/bills/${bill.id}/lineitems`;
    const first = await org.ask("GET", `${path}?pageSize=3`);
    const rest = await org.ask("GET", `${path}?pageSize=3&nextToken=${first.nextToken}`);
    const numbers = [...first.data, ...rest.data].map((line: Bill) => line.sequenceNumber);
    expect([numbers, rest.nextToken]).toEqual([[1, 2, 3, 4, 5], null]);
    const { usagePerPricingBand, ...line } = bill.lineItems[0];
    expect(await org.ask("GET", `${path}/${line.id}`)).toEqual({
      ...line,
      bandUsage: usagePerPricingBand,
    });
    expect(await org.refusal("GET", `${path}/${accountId}`)).toMatch(/^404 Line item/);
  });

  test("a scheduled charge is a bill of its own, AD_HOC and final", async () => {
    const [bill] = await billsOf(accountId, "&status=APPROVED");
    expect(bill).toMatchObject({
      status: "APPROVED",
      billTotal: 12.5,
      billingFrequency: "AD_HOC",
      startDate: "2024-01-15",
      endDate: "2024-01-15",
      billDate: "2024-01-15",
      dueDate: "2024-01-25",
      externalInvoiceDate: "2024-01-15",
      dtApproved: "2024-01-15T00:00:00Z",
      approvedBy: null,
    });
    expect(showLines(bill)).toEqual(["AD_HOC Set-up: 2 x 6.25 = 12.5 USD, counts 12.5"]);
    expect(bill.lineItems[0]).toMatchObject({ servicePeriodStartDate: "2024-01-15T00:00:00Z" });
    expect(bill.lineItems[0].chargeId).not.toBeNull();
  });

  test("the contract's purchase order number comes before the account's", async () => {
    const contract = await org.ask("GET", `/contracts/${contractId}`);
    await org.ask("PUT", `/contracts/${contractId}`, {
      ...contract,
      purchaseOrderNumber: "PO-contract",
    });
    for (const bill of await billsOf(accountId)) {
      expect(bill.purchaseOrderNumber).toBe("PO-contract");
    }
  });

  test("euros are whole already, and a quarter is three months", async () => {
    const { metronome } = server;
    const { data: card } = await metronome.v1.contracts.rateCards.create({
      name: "Euro",
      fiat_credit_type_id: EUR,
    });
    await metronome.v1.contracts.rateCards.rates.add({
      rate_card_id: card.id,
      product_id: storage,
      starting_at: "2020-01-01T00:00:00Z",
      entitled: true,
      rate_type: "FLAT",
      price: 0.5,
      credit_type_id: EUR,
    });
    const id = await createCustomer(metronome, "Euro");
    await createContract(metronome, id, card.id, {
      starting_at: "2024-01-01T00:00:00Z",
      ending_before: "2025-01-01T00:00:00Z",
      usage_statement_schedule: { frequency: "QUARTERLY" },
    });
    await use(metronome, id, "storage", "2024-01-11T00:00:00Z", 3);
    const [bill] = await billsOf(id);
    expect(bill).toMatchObject({
      currency: "EUR",
      billTotal: 1.5,
      endDate: "2024-04-01",
      billingFrequency: "MONTHLY",
      billFrequencyInterval: 3,
      dueDate: null,
      purchaseOrderNumber: null,
    });
    expect(showLines(bill)).toEqual(["USAGE storage: 3 x 0.5 = 1.5 EUR, counts 1.5"]);
  });

  test("what counts towards a promise is shown and not counted; a true-up is MINIMUM_SPEND", async () => {
    const { metronome } = server;
    const promise = await createFixedProduct(metronome, "Promise");
    const id = await createCustomer(metronome, "Promised");
    const card = await createRateCard(metronome, [[storage, 10]]);
    await createContract(metronome, id, card, {
      starting_at: "2024-01-01T00:00:00Z",
      ending_before: "2024-02-01T00:00:00Z",
      commits: [
        {
          product_id: promise,
          type: "POSTPAID",
          name: "January",
          priority: 1,
          access_schedule: {
            credit_type_id: USD_CREDIT_TYPE_ID,
            schedule_items: [
              {
                amount: 1000,
                starting_at: "2024-01-01T00:00:00Z",
                ending_before: "2024-02-01T00:00:00Z",
              },
            ],
          },
          invoice_schedule: {
            credit_type_id: USD_CREDIT_TYPE_ID,
            schedule_items: [{ timestamp: "2024-02-01T00:00:00Z", unit_price: 1000, quantity: 1 }],
          },
        },
      ],
    });
    await use(metronome, id, "storage", "2024-01-11T00:00:00Z", 30);
    const bills = await billsOf(id);
    const usage = bills.find(({ billingFrequency }) => billingFrequency === "MONTHLY");
    const trueUp = bills.find(({ billingFrequency }) => billingFrequency === "AD_HOC");
    expect(showLines(usage)).toEqual([
      "USAGE storage: 30 x 0.1 = 3 USD, counts 3",
      "COMMITMENT_CONSUMED January applied: 1 x -3 = -3 USD, counts 0",
    ]);
    expect(usage.lineItems[1].conversionRate).toBe(0);
    expect(usage.billTotal).toBe(3);
    expect(showLines(trueUp)).toEqual(["MINIMUM_SPEND January true-up: 1 x 7 = 7 USD, counts 7"]);
    expect(trueUp.lineItems[0].commitmentId).toBe(usage.lineItems[1].commitmentId);
  });
});

describe("lists of bills", () => {
  const sums = (bills: Bill[]) => bills.map(({ billTotal }) => billTotal);

  test.each([
    ["&billDate=2024-01-15", [12.5], "dated on a day"],
    ["&billDateStart=2024-01-16", [27.5, 0], "dated on or after"],
    ["&billDateEnd=2024-02-01", [27.5, 12.5], "dated on or before, the day included"],
    ["&externalInvoiceDateStart=2024-02-01&externalInvoiceDateEnd=2024-02-01", [27.5], "booked"],
    ["&locked=true", [], "none is locked"],
    ["&locked=false&status=APPROVED", [12.5], "final and not locked"],
  ])("%s: %j, because %s", async (query, totals) => {
    const found = sums(await billsOf(accountId, query));
    expect(found.toSorted()).toEqual(totals.filter((total) => total !== 0).toSorted());
  });

  test("are paged over all accounts, each bill once", async () => {
    const all = (await org.ask("GET", "/bills?pageSize=200")).data.map(({ id }: Bill) => id);
    expect(all.length).toBeGreaterThan(4);
    const paged: string[] = [];
    let query = "";
    while (query !== "&nextToken=null") {
      const page = await org.ask("GET", `/bills?pageSize=2${query}`);
      paged.push(...page.data.map(({ id }: Bill) => id));
      query = `&nextToken=${page.nextToken}`;
    }
    expect(paged).toEqual(all);
    const some = await org.ask("GET", `/bills?ids=${all[0]}&ids=${all[2]}`);
    expect(some.data.map(({ id }: Bill) => id)).toEqual([all[0], all[2]]);
  });

  test.each([
    ["/bills?billDate=2024-02-30", "400 billDate must be a calendar date such as 2024-01-31"],
    ["/bills?billDateEnd=2024-02-01T00:00:00Z", "400 billDateEnd must be a calendar date"],
    ["/bills?status=LOCKED", "400 status must be one of PENDING, APPROVED"],
    ["/bills?ids=x", "400 ids must be uuids"],
    ["/bills?additional=x", "400 additional is not supported"],
    ["/bills?planet=x", "400 unknown field planet"],
    ["/bills?pageSize=0", /^400 pageSize must be >= 1/],
    ["/bills/latest/00000000-0000-4000-8000-000000000000", /^404 /],
    ["/bills/00000000-0000-4000-8000-000000000000", "404 Bill 0000"],
  ])("GET %s: %s", async (path, refusal) => {
    expect(await org.refusal("GET", path)).toMatch(refusal);
  });
});

describe("approval and lock are those of the invoice", () => {
  let bill: Bill;
  const path = () => `/bills/${bill.id}`;

  test("a period that runs cannot be approved, and a pending bill not be locked or deleted", async () => {
    [bill] = await billsOf(accountId, "&status=PENDING");
    expect(await org.refusal("PUT", `${path()}/status`, { status: "APPROVED" })).toMatch(
      /^400 The period of invoice .* runs until 2024-02-01/,
    );
    expect(await org.refusal("PUT", `${path()}/lock`)).toMatch(/^409 .*approve it first/);
    expect(await org.refusal("DELETE", path())).toMatch(/^409 Bill .* follows from contract/);
    expect(await org.refusal("PUT", `${path()}/status`, { status: "LOCKED" })).toMatch(
      /^400 status must be one of/,
    );
    const approved = await org.ask("POST", "/bills/approve", { billIds: [bill.id] });
    expect([approved.message, approved.approved]).toEqual(["0 of 1 bills approved", []]);
    expect(approved.refused[0].reason).toContain("runs until 2024-02-01");
    expect(await org.ask("GET", path())).toEqual(bill);
  });

  test("approved, taken back, approved for its account, and locked", async () => {
    // Late usage may come for a day: the period is over, the invoice still a draft.
    await server.setClock("2024-02-01T12:00:00Z");
    const approved = await org.ask("PUT", `${path()}/status`, { status: "APPROVED" });
    expect(approved).toMatchObject({
      status: "APPROVED",
      locked: false,
      billDate: "2024-02-02",
      dtApproved: "2024-02-01T12:00:00Z",
    });
    expect(approved.approvedBy).not.toBeNull();
    const review = await server.send("GET", "/v1/invoices?review=APPROVED");
    expect(review.body.data.map(({ id }: Bill) => id)).toEqual([bill.id]);

    const back = await org.ask("PUT", `${path()}/status`, { status: "PENDING" });
    expect(back).toMatchObject({ status: "PENDING", dtApproved: null, approvedBy: null });

    const all = await org.ask("POST", `/bills/approve?accountIds=${accountId}`);
    expect(all).toMatchObject({ message: "1 of 1 bills approved", approved: [bill.id] });

    const locked = await org.ask("PUT", `${path()}/lock`);
    expect(locked).toMatchObject({
      status: "APPROVED",
      locked: true,
      dtLocked: "2024-02-01T12:00:00Z",
      billTotal: 27.5,
    });
    expect(await org.ask("PUT", `${path()}/lock`, {})).toEqual(locked);
    expect(await org.ask("PUT", `${path()}/status`, { status: "APPROVED" })).toEqual(locked);
    expect(await org.refusal("PUT", `${path()}/status`, { status: "PENDING" })).toMatch(
      /^409 .*is FINALIZED/,
    );
    expect(await org.refusal("DELETE", path())).toMatch(/^409 .*is final: void it/);
    // What is frozen shows the same lines as the draft did, with the same ids.
    const ids = (from: Bill) => from.lineItems.map((line: Bill) => [line.id, line.subtotal]);
    expect(ids(locked)).toEqual(ids(bill));
    expect(showLines(locked)).toEqual(showLines(bill));
  });

  test("a void invoice is no bill any more", async () => {
    const [scheduled] = await billsOf(accountId, "&billDate=2024-01-15");
    await server.metronome.v1.invoices.void({ id: scheduled.id });
    expect(await org.refusal("GET", `/bills/${scheduled.id}`)).toMatch(/^404 /);
    expect((await billsOf(accountId)).map(({ id }) => id)).not.toContain(scheduled.id);
  });

  test("needs bills or accounts", async () => {
    for (const [query, body, refusal] of [
      ["", undefined, "400 give billIds in the body, or accountIds in the query"],
      ["", { billIds: [] }, /^400 billIds must NOT have fewer/],
      ["", { billIds: ["x"] }, "400 billIds[0] must be a uuid"],
      ["?externalInvoiceDateStart=2024-01-01", {}, "400 externalInvoiceDateStart is not supported"],
    ] as const) {
      expect(await org.refusal("POST", `/bills/approve${query}`, body)).toMatch(refusal);
    }
  });
});
