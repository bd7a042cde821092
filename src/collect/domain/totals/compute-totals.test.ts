import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dec } from "../../../domain/decimal.ts";
import { spread } from "../../../domain/spread.ts";
import { computeTotals, type TotalledLine } from "./compute-totals.ts";
import type { DiscountTerms } from "./discount-lines.ts";
import { divideRounded } from "./divide.ts";
import type { TaxRateTerms } from "./tax-line.ts";

const line = (amount: bigint, more: Partial<TotalledLine> = {}): TotalledLine => ({
  amount,
  currency: "usd",
  product: null,
  discountable: amount >= 0n,
  discounts: [],
  rates: [],
  fixedTaxes: null,
  ...more,
});

const percentOff = (id: string, percent: string, products: string[] | null = null) =>
  ({ id, percentOff: dec(percent), amountOff: null, currency: null, products }) as DiscountTerms;

const amountOff = (id: string, amount: bigint, currency = "usd"): DiscountTerms => ({
  id,
  percentOff: null,
  amountOff: amount,
  currency,
  products: null,
});

const rate = (id: string, percentage: string, inclusive = false): TaxRateTerms => ({
  id,
  percentage: dec(percentage),
  inclusive,
});

const totals = (
  lines: readonly TotalledLine[],
  discounts: readonly DiscountTerms[] = [],
  exemption: "none" | "exempt" | "reverse" = "none",
) => computeTotals({ lines, discounts, exemption });

const taken = (lines: readonly TotalledLine[], discounts: readonly DiscountTerms[]) =>
  totals(lines, discounts).lines.map(({ discountAmounts }) =>
    discountAmounts.map(({ discount, amount }) => `${discount} ${amount}`).join(", "),
  );

describe("rounding and spreading", () => {
  test.each([
    [5n, 10n, 1n, "a half goes up"],
    [-5n, 10n, -1n, "and away from zero"],
    [4n, 10n, 0n, "less than a half goes"],
    [-14n, 10n, -1n, "on both sides"],
  ])("%s / %s = %s: %s", (dividend, divisor, quotient) => {
    expect(divideRounded(dividend, divisor)).toBe(quotient);
  });

  test.each([
    ["the odd unit goes to the earliest of equals", 100n, [1n, 1n, 1n], [34n, 33n, 33n]],
    ["3.33 and 6.67: the second lost most", 10n, [1n, 2n], [3n, 7n]],
    ["no weight, no part", 7n, [0n, 3n], [0n, 7n]],
    ["nothing to spread over", 5n, [0n, 0n], [0n, 0n]],
  ])("spread: %s", (_why, whole, weights, parts) => {
    expect(spread(whole, weights)).toEqual(parts);
  });
});

describe("discounts", () => {
  test.each([
    ["a quarter of 10.00", [line(1000n)], [percentOff("a", "25")], ["a 250"]],
    [
      "10% of 9.99 is 99.9 cents, rounded once to 100",
      [line(333n), line(333n), line(333n)],
      [percentOff("a", "10")],
      ["a 34", "a 33", "a 33"],
    ],
    [
      "the second takes half of what the first left",
      [line(1000n)],
      [percentOff("a", "50"), percentOff("b", "50")],
      ["a 500, b 250"],
    ],
    [
      "an amount takes at most what is there",
      [line(1000n)],
      [percentOff("a", "50"), amountOff("b", 700n)],
      ["a 500, b 500"],
    ],
    [
      "an amount is spread in proportion: 66.67 and 33.33",
      [line(600n), line(300n)],
      [amountOff("a", 100n)],
      ["a 67", "a 33"],
    ],
    [
      "a credit is not discounted",
      [line(1000n), line(-400n)],
      [percentOff("a", "10")],
      ["a 100", ""],
    ],
    [
      "a line may be left out",
      [line(1000n, { discountable: false }), line(500n)],
      [percentOff("a", "10")],
      ["", "a 50"],
    ],
    [
      "a coupon for one product",
      [line(1000n, { product: "p" }), line(500n, { product: "q" })],
      [percentOff("a", "10", ["q"])],
      ["", "a 50"],
    ],
    [
      "a line's own discount comes first",
      [line(1000n, { discounts: [amountOff("own", 200n)] }), line(200n)],
      [percentOff("a", "10")],
      ["own 200, a 80", "a 20"],
    ],
    ["an amount in another currency", [line(1000n)], [amountOff("a", 100n, "eur")], [""]],
  ])("%s", (_why, lines, discounts, expected) => {
    expect(taken(lines, discounts)).toEqual(expected);
  });

  test("the subtotal has the lines' own discounts in it, and not the invoice's", () => {
    const { subtotal, total, discountAmounts } = totals(
      [line(1000n, { discounts: [amountOff("own", 200n)] })],
      [percentOff("a", "10")],
    );
    expect({ subtotal, total }).toEqual({ subtotal: 800n, total: 720n });
    expect(discountAmounts).toEqual([
      { discount: "own", amount: 200n },
      { discount: "a", amount: 80n },
    ]);
  });
});

describe("taxes", () => {
  test.each([
    ["8.25% on top of 10.00 is 82.5 cents", [rate("t", "8.25")], 1000n, [83n], 1083n, 1000n],
    ["20% inside of 12.00", [rate("t", "20", true)], 1200n, [200n], 1200n, 1000n],
    ["two on one base", [rate("a", "5"), rate("b", "9.975")], 1000n, [50n, 100n], 1150n, 1000n],
    [
      "what comes on top is computed without what is inside",
      [rate("in", "10", true), rate("ex", "5")],
      1100n,
      [100n, 50n],
      1150n,
      1000n,
    ],
    ["a credit gives its tax back", [rate("t", "20")], -500n, [-100n], -600n, -500n],
    ["a rate of zero is shown", [rate("t", "0")], 500n, [0n], 500n, 500n],
  ])("%s", (_why, rates, amount, taxes, total, net) => {
    const found = totals([line(amount, { rates })]);
    expect(found.lines[0]?.taxes.map((tax) => tax.amount)).toEqual(taxes);
    expect([found.total, found.totalExcludingTax]).toEqual([total, net]);
  });

  test("tax is on what the discounts leave, line by line, and added up by rate", () => {
    const rates = [rate("t", "10")];
    const found = totals([line(1005n, { rates }), line(1005n, { rates })], [percentOff("a", "50")]);
    // 1005 of 2010 are taken: 503 and 502. Of the 502 and 503 that are left, 10% is 50 each.
    expect(found.lines.map(({ taxes }) => taxes[0]?.amount)).toEqual([50n, 50n]);
    expect(found.taxes).toEqual([
      { taxRate: "t", inclusive: false, amount: 100n, taxable: 1005n, reason: "standard_rated" },
    ]);
    expect([found.subtotal, found.total]).toEqual([2010n, 1105n]);
  });

  test("the subtotal without tax is without what the lines include before discounts", () => {
    const found = totals(
      [line(1200n, { rates: [rate("t", "20", true)] })],
      [percentOff("a", "50")],
    );
    expect(found).toMatchObject({
      subtotal: 1200n,
      subtotalExcludingTax: 1000n,
      total: 600n,
      totalExcludingTax: 500n,
    });
  });

  test.each([
    ["exempt", "customer_exempt"],
    ["reverse", "reverse_charge"],
  ] as const)("a customer who is %s pays none: %s", (exemption, reason) => {
    const found = totals([line(1000n, { rates: [rate("t", "20")] })], [], exemption);
    expect(found.total).toBe(1000n);
    expect(found.taxes).toEqual([
      { taxRate: "t", inclusive: false, amount: 0n, taxable: 0n, reason },
    ]);
  });

  test("taxes that were computed elsewhere stand as they are", () => {
    const fixedTaxes = [
      { taxRate: "t", inclusive: false, amount: 77n, taxable: 900n, reason: "reduced_rated" },
    ];
    expect(totals([line(1000n, { fixedTaxes })]).total).toBe(1077n);
  });
});

const arbitraryRate = fc.record({
  id: fc.constantFrom("t1", "t2", "t3"),
  percentage: fc.integer({ min: 0, max: 400_000 }).map((n) => dec(`${n}e-4`)),
  inclusive: fc.boolean(),
});
const arbitraryDiscount: fc.Arbitrary<DiscountTerms> = fc.oneof(
  fc.integer({ min: 1, max: 10_000 }).map((n) => percentOff("d1", `${n}e-2`)),
  fc.bigInt({ min: 1n, max: 50_000n }).map((n) => amountOff("d2", n)),
);
const arbitraryLine = fc.record({
  amount: fc.bigInt({ min: -20_000n, max: 20_000n }),
  currency: fc.constant("usd"),
  product: fc.constant(null),
  discountable: fc.boolean(),
  discounts: fc.array(arbitraryDiscount, { maxLength: 2 }),
  rates: fc.array(arbitraryRate, { maxLength: 2 }),
  fixedTaxes: fc.constant(null),
});

test("a law: lines, discounts and taxes add up to the total, to the unit", () => {
  fc.assert(
    fc.property(
      fc.array(arbitraryLine, { maxLength: 8 }),
      fc.array(arbitraryDiscount, { maxLength: 3 }),
      (lines, discounts) => {
        const found = totals(lines, discounts);
        const sum = (values: readonly bigint[]) => values.reduce((all, one) => all + one, 0n);
        const off = sum(found.discountAmounts.map(({ amount }) => amount));
        const exclusive = sum(
          found.taxes.filter(({ inclusive }) => !inclusive).map(({ amount }) => amount),
        );
        const tax = sum(found.taxes.map(({ amount }) => amount));
        const gross = sum(lines.map(({ amount }) => amount));
        expect(gross - off + exclusive).toBe(found.total);
        expect(found.totalExcludingTax + tax).toBe(found.total);
        for (const [index, { discountAmounts }] of found.lines.entries()) {
          const amount = lines[index]?.amount ?? 0n;
          const less = sum(discountAmounts.map((one) => one.amount));
          expect(amount > 0n ? less >= 0n && less <= amount : less === 0n).toBe(true);
        }
      },
    ),
  );
});
