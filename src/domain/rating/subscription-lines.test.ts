import { describe, expect, test } from "vitest";
import {
  at,
  commit,
  contract,
  flat,
  rate,
  rateOne,
  row,
  scheduledInvoice,
  segment,
  showLines,
  showWindow,
  subscription,
  subscriptionProduct,
  usageInvoice,
  usageProduct,
  used,
} from "../../../test/support/sample-snapshot.ts";
import { dec } from "../decimal.ts";
import type { RatedInvoice } from "../invoices/invoice.ts";
import type { FlatRate } from "../pricing/rate.ts";
import type { QuantityChange, Subscription } from "../subscriptions/subscription.ts";

const monthly = (price: string, from = "2020-01-01", overrides: Partial<FlatRate> = {}) =>
  flat("seats", price, from, { billingFrequency: "MONTHLY", ...overrides });

const quantity = (on: string, units: string): QuantityChange => ({
  id: on,
  startingAt: at(on),
  quantity: dec(units),
});

const sample = (terms: Partial<Subscription>, prices = [monthly("3000")]) => ({
  contracts: [contract({ subscriptions: [subscription(terms)] })],
  products: [subscriptionProduct("seats")],
  rates: prices,
});

const show = (invoice: RatedInvoice | undefined) =>
  invoice === undefined
    ? []
    : showLines(invoice).map((line, n) => {
        const shown = invoice.lines[n];
        return shown === undefined ? line : `${showWindow(shown)} ${line}`;
      });

describe("proration", () => {
  const april = { requests: [usageInvoice("2024-04-01", "2024-05-01")] };

  test("$30 a month from April 23: 8 of 30 days are 800 cents, and the line says so", () => {
    const startingAt = at("2024-04-23");
    const terms = { startingAt, quantities: [quantity("2024-04-23", "1")] };
    const invoice = rateOne({ ...sample(terms), ...april });
    expect(show(invoice)).toEqual(["2024-04-23..2024-05-01 seats 1 x 800 = 800"]);
    expect(invoice.lines[0]).toMatchObject({
      type: "subscription",
      subscription: { id: "subscription", isProrated: true },
    });
    expect(invoice.lines[0]?.trace.map(({ step }) => step)).toEqual(["rate", "proration", "price"]);
  });

  test("a $5 seat added on April 29: 2 of 30 days are 33.33 cents", () => {
    const quantities = [quantity("2024-01-01", "1"), quantity("2024-04-29", "2")];
    expect(show(rateOne({ ...sample({ quantities }, [monthly("500")]), ...april }))).toEqual([
      "2024-04-01..2024-05-01 seats 1 x 500 = 500",
      "2024-04-29..2024-05-01 seats 1 x 33.333333333333 = 33.333333333333",
    ]);
  });

  test("three such seats are 100 cents exactly: the sum is divided, not the price", () => {
    const quantities = [quantity("2024-01-01", "0"), quantity("2024-04-29", "3")];
    const invoice = rateOne({ ...sample({ quantities }, [monthly("500")]), ...april });
    expect(invoice.total.toFixed()).toBe("100");
  });

  test("without proration a part of a month costs a month", () => {
    const quantities = [quantity("2024-04-23", "1"), quantity("2024-04-29", "2")];
    const terms = { isProrated: false, startingAt: at("2024-04-23"), quantities };
    const invoice = rateOne({ ...sample(terms), ...april });
    expect(show(invoice)).toEqual([
      "2024-04-23..2024-05-01 seats 1 x 3000 = 3000",
      "2024-04-29..2024-05-01 seats 1 x 3000 = 3000",
    ]);
    expect(invoice.lines[0]?.subscription?.isProrated).toBe(false);
  });

  test("a last part is prorated as a first one: 10 of 30 days", () => {
    const invoice = rateOne({ ...sample({ endingBefore: at("2024-04-11") }), ...april });
    expect(show(invoice)).toEqual(["2024-04-01..2024-04-11 seats 1 x 1000 = 1000"]);
  });
});

describe("which invoice", () => {
  const january = usageInvoice("2024-01-01", "2024-02-01");
  const february = usageInvoice("2024-02-01", "2024-03-01");
  const requests = [
    january,
    february,
    scheduledInvoice("2024-01-01"),
    scheduledInvoice("2024-02-01"),
  ];
  const placed = (terms: Partial<Subscription>, prices?: FlatRate[]) =>
    rate({ ...sample(terms, prices), requests })
      .invoices.filter(({ lines }) => lines.length > 0)
      .map((invoice) => [invoice.type, invoice.dueAt.toString().slice(0, 10), ...show(invoice)]);

  test("in arrears: the usage invoice of the month", () => {
    expect(placed({})).toEqual([
      ["USAGE", "2024-02-01", "2024-01-01..2024-02-01 seats 1 x 3000 = 3000"],
      ["USAGE", "2024-03-01", "2024-02-01..2024-03-01 seats 1 x 3000 = 3000"],
    ]);
  });

  test("in advance: first a scheduled invoice, then the usage invoice that ends as the month begins", () => {
    expect(placed({ collectionSchedule: "ADVANCE" })).toEqual([
      ["SCHEDULED", "2024-01-01", "2024-01-01..2024-02-01 seats 1 x 3000 = 3000"],
      ["USAGE", "2024-02-01", "2024-02-01..2024-03-01 seats 1 x 3000 = 3000"],
      ["USAGE", "2024-03-01", "2024-03-01..2024-04-01 seats 1 x 3000 = 3000"],
    ]);
  });

  test("a new price counts from the next period on", () => {
    expect(placed({}, [monthly("3000"), monthly("4000", "2024-01-15")])).toEqual([
      ["USAGE", "2024-02-01", "2024-01-01..2024-02-01 seats 1 x 3000 = 3000"],
      ["USAGE", "2024-03-01", "2024-02-01..2024-03-01 seats 1 x 4000 = 4000"],
    ]);
  });

  test("a rate of another frequency, and one that is not entitled, bill nothing", () => {
    expect(placed({}, [monthly("3000", "2020-01-01", { entitled: false })])).toEqual([]);
    const yearly = monthly("30000", "2020-01-01", { billingFrequency: "ANNUAL" });
    expect(placed({}, [yearly])).toEqual([]);
    const [unbilled] = rate({ ...sample({}, [yearly]), requests: [january] }).invoices;
    expect(unbilled?.unpriced).toMatchObject([{ productId: "seats" }]);
  });

  test("what an invoice has billed is on no other", () => {
    const [first] = rate({ ...sample({}), requests: [january] }).invoices;
    const invoicedChargeIds = new Set(first?.lines.map((line) => line.scheduleItemId ?? ""));
    expect(placed({ invoicedChargeIds })).toHaveLength(1);
  });
});

describe("commits", () => {
  const tokens = {
    contracts: [contract({ subscriptions: [subscription()] })],
    products: [subscriptionProduct("seats"), usageProduct("tokens")],
    rates: [monthly("3000"), flat("tokens", "100")],
    rollups: [used("tokens", row("2024-01-20", "10"))],
  };

  test("usage is paid for before subscriptions, though they start earlier and cost more", () => {
    const grant = commit("grant", "PREPAID", [segment("2500", "2024-01-01", "2025-01-01")]);
    const invoice = rateOne({ ...tokens, commits: [grant] });
    expect(showLines(invoice)).toEqual([
      "tokens 10 x 100 = 1000 <- grant/0",
      "seats 0.5 x 3000 = 1500 <- grant/0",
      "grant applied = -1000 <- grant/0",
      "grant applied = -1500 <- grant/0",
      "seats 0.5 x 3000 = 1500",
    ]);
    expect(invoice.total.toFixed()).toBe("1500");
  });

  test.each([
    ["2024-01-01", "2024-01-02", "-3000", "it is open as the service begins"],
    ["2024-01-02", "2024-02-01", "0", "it opens after the service has begun"],
  ])("a credit for seats from %s to %s pays %s, because %s", (from, to, paid) => {
    const grant = commit("grant", "CREDIT", [segment("9000", from, to)], {
      applicableProductIds: ["seats"],
    });
    const invoice = rateOne({ ...tokens, commits: [grant] });
    expect(invoice.subtotal.minus(invoice.total).neg().toFixed()).toBe(paid);
  });
});
