import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  at,
  commit,
  contract,
  flat,
  item,
  rate,
  row,
  scheduledInvoice,
  segment,
  showLines,
  usageInvoice,
  usageProduct,
  used,
} from "../../../test/support/sample-snapshot.ts";
import type { Contract } from "../contracts/contract.ts";
import { dec, sum, toText } from "../decimal.ts";
import { lastBurnAt } from "../invoices/last-burn.ts";
import { scheduledInstants } from "../invoices/planned-invoices.ts";
import { instantText } from "../time.ts";

const months = Array.from({ length: 13 }, (_, n) =>
  n === 12 ? "2025-01-01" : `2024-${String(n + 1).padStart(2, "0")}-01`,
);
const monthly = months.slice(0, 12).map((from, n) => usageInvoice(from, months[n + 1] ?? ""));
const year = (amount: string, overrides = {}) =>
  commit("promise", "POSTPAID", [segment(amount, "2024-01-01", "2025-01-01")], {
    invoiceContractId: "contract",
    invoiceSchedule: [item("2025-01-01", amount)],
    ...overrides,
  });
const calls = { products: [usageProduct("calls")], rates: [flat("calls", "100")] };

/** Figures in US cents. */
describe("postpaid commits", () => {
  test("$10,000 promised, $800 used in each of 12 months: $400 are trued up at the end", () => {
    const { invoices, balances } = rate({
      ...calls,
      rollups: [used("calls", ...months.slice(0, 12).map((month) => row(month, "800")))],
      commits: [year("1000000")],
      requests: [scheduledInvoice("2025-01-01"), ...monthly],
    });
    const last = invoices.at(-1);
    expect(invoices.slice(0, 12).map(({ total }) => toText(total))).toEqual(
      Array.from({ length: 12 }, () => "80000"),
    );
    expect(
      invoices
        .slice(0, 12)
        .flatMap(({ drawDowns }) => drawDowns.map(({ amount }) => toText(amount))),
    ).toEqual(Array.from({ length: 12 }, () => "80000"));
    // 1,000,000 - 12 x 80,000 = 40,000.
    expect(last && showLines(last)).toEqual(["promise true-up 1 x 40000 = 40000 <- promise/0"]);
    expect(last && [toText(last.total), toText(last.subtotal)]).toEqual(["40000", "40000"]);
    expect(last?.lines[0]).toMatchObject({
      type: "commit_purchase",
      purchasedCommitId: "promise",
      scheduleItemId: "item",
      trace: [
        {
          step: "true-up",
          committed: dec("1000000"),
          applied: dec("960000"),
          amount: dec("40000"),
        },
      ],
    });
    expect(last?.drawDowns).toEqual([]);
    expect(last?.trueUps.map(({ segmentId, amount }) => [segmentId, toText(amount)])).toEqual([
      ["promise/0", "40000"],
    ]);
    expect(balances.map(({ remaining }) => toText(remaining))).toEqual(["40000"]);
  });

  test("$400 prepaid and $400 promised, $500 used: $100 are due, $300 stay open", () => {
    const { invoices, balances } = rate({
      ...calls,
      rollups: [used("calls", row("2024-01-10", "500"))],
      commits: [
        commit("prepaid", "PREPAID", [segment("40000", "2024-01-01", "2025-01-01")]),
        year("40000", { priority: dec("1") }),
      ],
    });
    const [invoice] = invoices;
    expect(invoice && showLines(invoice)).toEqual([
      "calls 400 x 100 = 40000 <- prepaid/0",
      "calls 100 x 100 = 10000 <- promise/0",
      "prepaid applied = -40000 <- prepaid/0",
      "promise applied = -10000 <- promise/0",
    ]);
    expect(invoice && toText(invoice.total)).toBe("10000");
    expect(balances.map(({ segmentId, remaining }) => [segmentId, toText(remaining)])).toEqual([
      ["prepaid/0", "0"],
      ["promise/0", "30000"],
    ]);
  });

  test("prepaid A (50), credit B (100), promise P (1), 100 each: 250 burn A, B, then half of P", () => {
    const window = segment("100", "2024-01-01", "2025-01-01");
    const { invoices, balances } = rate({
      ...calls,
      rates: [flat("calls", "1")],
      rollups: [used("calls", row("2024-01-10", "250"))],
      commits: [
        commit("A", "PREPAID", [window], { priority: dec("50") }),
        commit("B", "CREDIT", [window]),
        commit("P", "POSTPAID", [window], { priority: dec("1") }),
      ],
    });
    expect(invoices.map(({ total }) => toText(total))).toEqual(["50"]);
    expect(balances.map(({ segmentId, used }) => [segmentId, toText(used)])).toEqual([
      ["A/0", "100"],
      ["B/0", "100"],
      ["P/0", "50"],
    ]);
  });

  test.each([
    ["1000", "40", "60", "more usage than promised leaves nothing", "0"],
    ["10000", "40", "60", "both months count, though the true-up is dated before the second", "0"],
    ["12000", "40", "60", "12,000 - 4,000 - 6,000", "2000"],
    ["12000", "0", "0", "nothing was used", "12000"],
  ])("a promise of %s with %s and %s calls: %s", (amount, january, february, _reason, due) => {
    const { invoices } = rate({
      ...calls,
      rollups: [used("calls", row("2024-01-10", january), row("2024-02-10", february))],
      commits: [year(amount, { invoiceSchedule: [item("2024-01-20", amount)] })],
      requests: [...monthly.slice(0, 2), scheduledInvoice("2024-01-20")],
    });
    const trueUp = invoices.find(({ type }) => type === "SCHEDULED");
    expect(trueUp?.lines.map(({ total }) => toText(total))).toEqual([due]);
    expect(trueUp && toText(trueUp.total)).toBe(due);
  });

  test("whatever is used and whenever it is dated, all invoices make the larger of use and promise", () => {
    const used12 = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 12, maxLength: 12 });
    const promised = fc.integer({ min: 0, max: 60_000 });
    const dated = fc.constantFrom(...months);
    fc.assert(
      fc.property(used12, promised, dated, (usage, promise, date) => {
        const { invoices } = rate({
          ...calls,
          rollups: [used("calls", ...usage.map((n, i) => row(months[i] ?? "", String(n))))],
          commits: [year(String(promise), { invoiceSchedule: [item(date, String(promise))] })],
          requests: [...monthly, scheduledInvoice(date)],
        });
        const spent = 100 * usage.reduce((all, n) => all + n, 0);
        const billed = sum(invoices.map(({ total }) => total));
        expect(toText(billed)).toBe(String(Math.max(spent, promise)));
      }),
      { numRuns: 60 },
    );
  });

  test("where charges ride on usage invoices a true-up keeps an invoice of its own", () => {
    const riding = contract({
      scheduledChargesOnUsageInvoices: true,
      scheduledCharges: [
        {
          id: "fee",
          name: "Fee",
          productId: "fixed",
          creditTypeId: contract().fiatCreditTypeId,
          items: [item("2024-02-01", "700", "fee-item")],
        },
      ],
    });
    const promise = year("5000", { invoiceSchedule: [item("2024-02-01", "5000")] });
    expect(scheduledInstants(riding, [promise], []).map(instantText)).toEqual([
      "2024-02-01T00:00:00Z",
    ]);
    const { invoices } = rate({
      ...calls,
      contracts: [riding],
      rollups: [used("calls", row("2024-01-10", "20"))],
      commits: [promise],
      requests: [...monthly.slice(0, 1), scheduledInvoice("2024-02-01")],
    });
    expect(invoices.map(showLines)).toEqual([
      [
        "calls 20 x 100 = 2000 <- promise/0",
        "promise applied = -2000 <- promise/0",
        "Fee 1 x 700 = 700",
      ],
      ["promise true-up 1 x 3000 = 3000 <- promise/0"],
    ]);
  });
});

describe("lastBurnAt", () => {
  const promise = (to: string, overrides = {}) =>
    commit("c", "POSTPAID", [segment("1", "2024-01-10", to)], overrides);
  test.each<[string, Contract, string | null, string]>([
    ["2024-03-15", contract(), "2024-04-01", "the period in which access ends goes on"],
    ["2024-04-01", contract(), "2024-04-01", "access ends with a period"],
    [
      "2024-03-15",
      contract({ endingBefore: at("2024-02-20") }),
      "2024-02-20",
      "the contract ends before",
    ],
    ["2024-03-15", contract({ startingAt: at("2024-03-15") }), null, "the contract begins after"],
    ["2024-03-15", contract({ rateCardId: null }), null, "the contract bills no usage"],
    ["2024-03-15", contract({ id: "other" }), null, "the commit is another contract's"],
  ])("access to %s is last burned by %#: %s", (to, terms, expected) => {
    const last = lastBurnAt(promise(to), [terms]);
    expect(last && instantText(last).slice(0, 10)).toBe(expected);
  });

  test("a customer's commit waits for the last of its contracts", () => {
    const shared = promise("2024-03-15", { contractId: null });
    const early = contract({ id: "early", endingBefore: at("2024-02-01") });
    expect(lastBurnAt(shared, [early, contract()])?.equals(at("2024-04-01"))).toBe(true);
  });
});
