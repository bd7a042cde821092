import { describe, expect, test } from "vitest";
import {
  at,
  commit,
  contract,
  flat,
  item,
  metric,
  rate,
  rateOne,
  row,
  scheduledInvoice,
  segment,
  showLines,
  showWindow,
  subscription,
  subscriptionProduct,
  tiered,
  usageInvoice,
  usageProduct,
  used,
} from "../../../test/support/sample-snapshot.ts";
import { ledgerEntries } from "../commits/ledger.ts";
import { DEFAULT_CONVENTIONS } from "../conventions.ts";
import { getCreditType, USD_CREDIT_TYPE_ID } from "../credit-type.ts";
import { dec, toText, ZERO } from "../decimal.ts";
import type { DrawDown } from "../invoices/invoice.ts";
import { allocateMinor } from "../money.ts";
import { decideRecharge } from "../thresholds/decide-recharge.ts";
import { instantText } from "../time.ts";

/** Each month of 2024: a day in it, and the invoice of it. */
const monthsOf2024 = () =>
  Array.from({ length: 12 }, (_, n) => {
    const start = (month: number) =>
      month === 12 ? "2025-01-01" : `2024-${String(month + 1).padStart(2, "0")}-01`;
    return { day: start(n).replace(/01$/, "10"), request: usageInvoice(start(n), start(n + 1)) };
  });

/** Figures are US cents unless a title says otherwise. Each expectation is worked out by hand. */
describe("worked examples of usage pricing", () => {
  test("1. tiers 0-5 free, 5-10 at $1, above at $1.50: 12 units cost $8", () => {
    const invoice = rateOne({
      products: [usageProduct("calls")],
      rates: [
        tiered("calls", [
          ["5", "0"],
          ["5", "100"],
          [null, "150"],
        ]),
      ],
      rollups: [used("calls", row("2024-01-10", "12"))],
    });
    expect(showLines(invoice)).toEqual([
      "calls (tier 1) 5 x 0 = 0",
      "calls (tier 2) 5 x 100 = 500",
      "calls (tier 3) 2 x 150 = 300",
    ]);
    expect(invoice.lines.map(({ tier }) => tier && toText(tier.startingAt))).toEqual([
      "0",
      "5",
      "10",
    ]);
    expect(toText(invoice.total)).toBe("800");
  });

  test("2. 80 tokens at $1 with $50 prepaid: 50 are covered, 30 are due", () => {
    const invoice = rateOne({
      products: [usageProduct("tokens")],
      rates: [flat("tokens", "100")],
      rollups: [used("tokens", row("2024-01-10", "80"))],
      commits: [commit("grant", "PREPAID", [segment("5000", "2024-01-01", "2025-01-01")])],
    });
    expect(showLines(invoice)).toEqual([
      "tokens 50 x 100 = 5000 <- grant/0",
      "grant applied = -5000 <- grant/0",
      "tokens 30 x 100 = 3000",
    ]);
    expect(toText(invoice.total)).toBe("3000");
    expect(toText(invoice.subtotal)).toBe("8000");
    expect(invoice.drawDowns.map(({ amount }) => toText(amount))).toEqual(["5000"]);
  });

  test("3. a $500 credit that ends on Jan 16 cuts the month: $459 in six lines", () => {
    const { invoices, balances } = rate({
      products: [usageProduct("a"), usageProduct("b")],
      rates: [flat("a", "100"), flat("b", "50")],
      rollups: [
        used("a", row("2024-01-10", "360"), row("2024-01-16", "384")),
        used("b", row("2024-01-15T23", "100"), row("2024-01-20", "150")),
      ],
      commits: [commit("grant", "CREDIT", [segment("50000", "2024-01-01", "2024-01-16")])],
    });
    const [invoice] = invoices;
    expect(invoice && showLines(invoice)).toEqual([
      "a 360 x 100 = 36000 <- grant/0",
      "b 100 x 50 = 5000 <- grant/0",
      "grant applied = -36000 <- grant/0",
      "grant applied = -5000 <- grant/0",
      "a 384 x 100 = 38400",
      "b 150 x 50 = 7500",
    ]);
    expect(invoice?.lines.map(showWindow)).toEqual([
      ...Array<string>(4).fill("2024-01-01..2024-01-16"),
      ...Array<string>(2).fill("2024-01-16..2024-02-01"),
    ]);
    expect(invoice && toText(invoice.total)).toBe("45900");
    expect(balances.map(({ remaining }) => toText(remaining))).toEqual(["9000"]);
    expect(invoice?.drawDowns.map((drawDown) => instantText(drawDown.at))).toEqual([
      "2024-01-16T00:00:00Z",
    ]);
  });

  test("4. $10,000 prepaid at a discount: January is 0, the purchase is its own invoice", () => {
    const { invoices } = rate({
      products: [usageProduct("a"), usageProduct("b")],
      rates: [flat("a", "80"), flat("b", "40")],
      rollups: [used("a", row("2024-01-10", "1000")), used("b", row("2024-01-10", "250"))],
      commits: [
        commit("grant", "PREPAID", [segment("1000000", "2024-01-01", "2025-01-01")], {
          invoiceContractId: "contract",
          invoiceSchedule: [item("2024-01-01", "1000000")],
        }),
      ],
      requests: [scheduledInvoice("2024-01-01"), usageInvoice("2024-01-01", "2024-02-01")],
    });
    expect(invoices.map(showLines)).toEqual([
      ["grant 1 x 1000000 = 1000000"],
      [
        "a 1000 x 80 = 80000 <- grant/0",
        "b 250 x 40 = 10000 <- grant/0",
        "grant applied = -80000 <- grant/0",
        "grant applied = -10000 <- grant/0",
      ],
    ]);
    expect(invoices.map(({ total }) => toText(total))).toEqual(["1000000", "0"]);
  });

  test("4. of $10,000 a year of 900 + 11 x 700 uses $8,600: $1,400 expire", () => {
    const months = monthsOf2024();
    const year = segment("1000000", "2024-01-01", "2025-01-01", "grant/0");
    const { invoices, balances } = rate({
      products: [usageProduct("a")],
      rates: [flat("a", "100")],
      rollups: [used("a", ...months.map(({ day }, n) => row(day, n === 0 ? "900" : "700")))],
      commits: [commit("grant", "PREPAID", [year])],
      requests: months.map(({ request }) => request),
    });
    expect(invoices.map(({ total }) => toText(total))).toEqual(Array(12).fill("0"));
    expect(balances.map(({ used: gone }) => toText(gone))).toEqual(["860000"]);
    const movements = invoices.flatMap(({ drawDowns }) =>
      drawDowns.map(({ segmentId, amount, at: on }) => ({
        ...{ type: "PREPAID_COMMIT_AUTOMATED_INVOICE_DEDUCTION", segmentId, at: on },
        ...{ amount: amount.neg(), invoiceId: null, contractId: null, reason: null },
      })),
    );
    const ledger = ledgerEntries({
      ...{ type: "PREPAID", segments: [year], movements },
      ...{ expires: true, now: at("2025-01-01"), archivedAt: null },
    });
    const [last] = ledger.slice(-1);
    expect(last && `${last.type} ${toText(last.amount)}`).toBe("PREPAID_COMMIT_EXPIRATION -140000");
  });

  test("5. $10,000 postpaid, 12 months of $800 are billed as used: $400 are trued up", () => {
    const months = monthsOf2024();
    const { invoices } = rate({
      products: [usageProduct("a")],
      rates: [flat("a", "100")],
      rollups: [used("a", ...months.map(({ day }) => row(day, "800")))],
      commits: [
        commit("later", "POSTPAID", [segment("1000000", "2024-01-01", "2025-01-01")], {
          invoiceContractId: "contract",
          invoiceSchedule: [item("2025-01-01", "1000000")],
        }),
      ],
      requests: [...months.map(({ request }) => request), scheduledInvoice("2025-01-01")],
    });
    expect(invoices.map(({ total }) => toText(total))).toEqual([
      ...Array(12).fill("80000"),
      "40000",
    ]);
    expect(invoices.slice(0, 12).map(({ drawDowns }) => drawDowns.length)).toEqual(
      Array(12).fill(1),
    );
    expect(invoices.at(-1)?.trueUps.map(({ amount }) => toText(amount))).toEqual(["40000"]);
  });

  test("6. priority: an October credit burns before the older prepaid commit", () => {
    const { invoices, balances } = rate({
      products: [usageProduct("a")],
      rates: [flat("a", "100")],
      rollups: [used("a", row("2024-09-10", "65"), row("2024-10-10", "20"))],
      commits: [
        commit("paid", "PREPAID", [segment("10000", "2024-09-01", "2025-09-01")]),
        commit("free", "CREDIT", [segment("500", "2024-10-01", "2024-11-01")], {
          priority: dec("1"),
        }),
      ],
      requests: [
        usageInvoice("2024-10-01", "2024-11-01"),
        usageInvoice("2024-09-01", "2024-10-01"),
      ],
    });
    expect(invoices.map(({ drawDowns }) => drawDowns.map(showDrawDown))).toEqual([
      ["paid 6500 on 2024-10-01T00:00:00Z"],
      ["free 500 on 2024-11-01T00:00:00Z", "paid 1500 on 2024-11-01T00:00:00Z"],
    ]);
    expect(balances.map(({ commitId, remaining }) => `${commitId} ${toText(remaining)}`)).toEqual([
      "free 0",
      "paid 2000",
    ]);
  });

  test("7. $400 prepaid and $400 postpaid, $500 used: $100 due, $300 of the postpaid open", () => {
    const { invoices, balances } = rate({
      products: [usageProduct("a")],
      rates: [flat("a", "100")],
      rollups: [used("a", row("2024-01-10", "500"))],
      commits: [
        commit("later", "POSTPAID", [segment("40000", "2024-01-01", "2025-01-01")]),
        commit("paid", "PREPAID", [segment("40000", "2024-01-01", "2025-01-01")]),
      ],
    });
    expect(invoices.map(showLines)).toEqual([
      [
        "a 400 x 100 = 40000 <- paid/0",
        "a 100 x 100 = 10000 <- later/0",
        "paid applied = -40000 <- paid/0",
        "later applied = -10000 <- later/0",
      ],
    ]);
    expect(invoices.map(({ total, subtotal }) => [toText(total), toText(subtotal)])).toEqual([
      ["10000", "50000"],
    ]);
    expect(balances.map(({ remaining }) => toText(remaining))).toEqual(["0", "30000"]);
  });

  test("15. type beats priority: prepaid 50, credit 100, postpaid 1; 250 used leaves 50 due", () => {
    const window = ["2024-01-01", "2025-01-01"] as const;
    const invoice = rateOne({
      products: [usageProduct("a")],
      rates: [flat("a", "1")],
      rollups: [used("a", row("2024-01-10", "250"))],
      commits: [
        commit("P", "POSTPAID", [segment("100", ...window)], { priority: dec("1") }),
        commit("B", "CREDIT", [segment("100", ...window)]),
        commit("A", "PREPAID", [segment("100", ...window)], { priority: dec("50") }),
      ],
    });
    expect(
      invoice.drawDowns.map(({ commitId, amount }) => `${commitId} ${toText(amount)}`),
    ).toEqual(["A 100", "B 100", "P 50"]);
    expect(toText(invoice.total)).toBe("50");
  });

  test("10. a commit bought at a discount gives its access amount, not its price", () => {
    const { invoices, balances } = rate({
      commits: [
        commit("grant", "PREPAID", [segment("1000000", "2024-01-01", "2025-01-01")], {
          invoiceContractId: "contract",
          invoiceSchedule: [item("2024-01-01", "800000")],
        }),
      ],
      requests: [scheduledInvoice("2024-01-01")],
    });
    expect(invoices.map(showLines)).toEqual([["grant 1 x 800000 = 800000"]]);
    expect(balances.map(({ remaining }) => toText(remaining))).toEqual(["1000000"]);
  });

  test("11. $60 prepaid over two months at $2.50: June is 0, July splits 14 and 6", () => {
    const { invoices, balances } = rate({
      products: [usageProduct("a")],
      rates: [flat("a", "250")],
      rollups: [used("a", row("2024-06-10", "10"), row("2024-07-10", "20"))],
      commits: [commit("grant", "PREPAID", [segment("6000", "2024-06-01", "2025-06-01")])],
      requests: [
        usageInvoice("2024-06-01", "2024-07-01"),
        usageInvoice("2024-07-01", "2024-08-01"),
      ],
    });
    expect(invoices.map(showLines)).toEqual([
      ["a 10 x 250 = 2500 <- grant/0", "grant applied = -2500 <- grant/0"],
      ["a 14 x 250 = 3500 <- grant/0", "grant applied = -3500 <- grant/0", "a 6 x 250 = 1500"],
    ]);
    expect(invoices.map(({ total }) => toText(total))).toEqual(["0", "1500"]);
    expect(balances.map(({ remaining }) => toText(remaining))).toEqual(["0"]);
  });

  test("11. thirty days of one unit are one line of 30 x 250 = 7500", () => {
    const days = Array.from({ length: 30 }, (_, n) => at("2024-06-01").add({ hours: 24 * n }));
    const invoice = rateOne({
      products: [usageProduct("a")],
      rates: [flat("a", "250")],
      rollups: [used("a", ...days.map((day) => row(instantText(day), "1")))],
      requests: [usageInvoice("2024-06-01", "2024-07-01")],
    });
    expect(showLines(invoice)).toEqual(["a 30 x 250 = 7500"]);
  });

  test("12. $30 a month from April 23 are 800; a seat of $5 from the 29th 33.33", () => {
    const from = (id: string, day: string) =>
      subscription({
        id,
        productId: id,
        startingAt: at(day),
        quantities: [{ id: day, startingAt: at(day), quantity: dec("1") }],
      });
    const invoice = rateOne({
      contracts: [
        contract({ subscriptions: [from("plan", "2024-04-23"), from("seat", "2024-04-29")] }),
      ],
      products: [subscriptionProduct("plan"), subscriptionProduct("seat")],
      rates: [
        flat("plan", "3000", "2020-01-01", { billingFrequency: "MONTHLY" }),
        flat("seat", "500", "2020-01-01", { billingFrequency: "MONTHLY" }),
      ],
      requests: [usageInvoice("2024-04-01", "2024-05-01")],
    });
    // 8 / 30 x 3000 and 2 / 30 x 500, which does not end.
    expect(showLines(invoice)).toEqual([
      "plan 1 x 800 = 800",
      "seat 1 x 33.333333333333 = 33.333333333333",
    ]);
    expect(invoice.lines.map((line) => line.subscription?.isProrated)).toEqual([true, true]);
    const amounts = invoice.lines.map(({ total }) => total);
    expect(
      allocateMinor(amounts, getCreditType(USD_CREDIT_TYPE_ID), DEFAULT_CONVENTIONS).amountsMinor,
    ).toEqual([800n, 33n]);
  });

  test("9. a balance that falls to 50 tokens at $0.10 is recharged to 500: $45", () => {
    const invoice = rate({
      products: [usageProduct("a")],
      rates: [flat("a", "1", "2020-01-01", { creditTypeId: "tokens" })],
      conversions: [{ unit: { id: "tokens", name: "Tokens" }, fiatPerUnit: dec("10") }],
      rollups: [used("a", row("2024-01-10", "450"))],
      commits: [
        commit("grant", "PREPAID", [segment("500", "2024-01-01", "2025-01-01")], {
          creditTypeId: "tokens",
        }),
      ],
    });
    const [balance] = invoice.balances.map(({ remaining }) => remaining);
    const purchase = decideRecharge(balance ?? ZERO, {
      threshold: dec("50"),
      rechargeTo: dec("500"),
      unitPrice: dec("10"),
      paymentFraction: dec("1"),
    });
    expect(purchase && [toText(purchase.grants), toText(purchase.costs)]).toEqual(["450", "4500"]);
  });

  test("13. 350 tokens at 10 cents, 300 of them prepaid: 50 are converted, $5", () => {
    const invoice = rateOne({
      products: [usageProduct("a")],
      rates: [flat("a", "1", "2020-01-01", { creditTypeId: "tokens" })],
      conversions: [{ unit: { id: "tokens", name: "Tokens" }, fiatPerUnit: dec("10") }],
      rollups: [used("a", row("2024-01-10", "350"))],
      commits: [
        commit("grant", "PREPAID", [segment("300", "2024-01-01", "2025-01-01")], {
          creditTypeId: "tokens",
        }),
      ],
    });
    expect(showLines(invoice)).toEqual([
      "a 300 x 1 = 300 <- grant/0",
      "grant applied = -300 <- grant/0",
      "a 50 x 1 = 50",
      "Tokens conversion 50 x 10 = 500",
    ]);
    expect(toText(invoice.total)).toBe("500");
  });

  test("14. 2 x $10.00 and 1.5 x $3.00 leave for the provider as 2000 and 450", () => {
    const invoice = rateOne({
      products: [usageProduct("a"), usageProduct("b")],
      rates: [flat("a", "1000"), flat("b", "300")],
      rollups: [used("a", row("2024-01-10", "2")), used("b", row("2024-01-10", "1.5"))],
    });
    const amounts = invoice.lines.map(({ total }) => total);
    const allocation = allocateMinor(
      amounts,
      getCreditType(USD_CREDIT_TYPE_ID),
      DEFAULT_CONVENTIONS,
    );
    expect(allocation).toEqual({ amountsMinor: [2000n, 450n], moved: [], totalMinor: 2450n });
  });
});

/** Prices in whole dollars here, as if the unit were the dollar: the figures stay readable. */
describe("8. worked examples of a LATEST metric: 40 at $3, then a new price of $4", () => {
  const seats = {
    products: [usageProduct("seats")],
    metrics: [metric("seats", "LATEST")],
    rates: [flat("seats", "3"), flat("seats", "4", "2024-01-16")],
  };
  const upAndDown = [used("seats", row("2024-01-05", "40"), row("2024-01-20", "30"))];

  test("it falls by 10: 120 - 40 = 80", () => {
    const invoice = rateOne({ ...seats, rollups: upAndDown });
    expect(showLines(invoice)).toEqual(["seats 40 x 3 = 120", "seats -10 x 4 = -40"]);
    expect(toText(invoice.total)).toBe("80");
  });

  test("a credit of 100 all month does not foresee the fall: -20", () => {
    const invoice = rateOne({
      ...seats,
      rollups: upAndDown,
      commits: [commit("grant", "CREDIT", [segment("100", "2024-01-01", "2024-02-01")])],
    });
    expect(showLines(invoice)).toEqual([
      "seats 33.333333333333 x 3 = 100 <- grant/0",
      "grant applied = -100 <- grant/0",
      "seats 6.666666666667 x 3 = 20",
      "seats -10 x 4 = -40",
    ]);
    expect(toText(invoice.total)).toBe("-20");
  });

  test("a credit from the change on, 80 more seats: 120 + 25x4 - 100 + 55x4 = 340", () => {
    const invoice = rateOne({
      ...seats,
      rollups: [used("seats", row("2024-01-05", "40"), row("2024-01-20", "120"))],
      commits: [commit("grant", "CREDIT", [segment("100", "2024-01-16", "2024-02-01")])],
    });
    expect(showLines(invoice)).toEqual([
      "seats 40 x 3 = 120",
      "seats 25 x 4 = 100 <- grant/0",
      "grant applied = -100 <- grant/0",
      "seats 55 x 4 = 220",
    ]);
    expect(toText(invoice.total)).toBe("340");
  });
});

const showDrawDown = ({ commitId, amount, at }: DrawDown) =>
  `${commitId} ${toText(amount)} on ${instantText(at)}`;
