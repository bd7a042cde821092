import fc from "fast-check";
import { expect, test } from "vitest";
import { sampleConnection, sampleInvoice } from "../../../test/support/sample-delivery.ts";
import { DEFAULT_CONVENTIONS } from "../../domain/conventions.ts";
import { findCreditTypeOfCurrency } from "../../domain/credit-type.ts";
import { currency } from "../../domain/currency.ts";
import { dec, toText } from "../../domain/decimal.ts";
import { writeExact } from "../../platform/json/exact-json.ts";
import { toLineAmount } from "./line-amount.ts";
import { toQuickBooksDocument } from "./to-document.ts";
import { toFields } from "./to-requests.ts";

/** Minor units of each, by what QuickBooks keeps. */
const PLACES: Readonly<Record<string, number>> = { USD: 2, EUR: 2, JPY: 0 };

/** A number that is written plainly, as units of ten to the minus 30: no code of the product is in here. */
function toUnits(text: string): bigint {
  const parts = /^(-?)(\d+)(?:\.(\d{1,30}))?$/.exec(text);
  if (parts === null) throw new Error(`${text} is not plain`);
  const [, sign, whole = "", fraction = ""] = parts;
  const units = BigInt(whole + fraction.padEnd(30, "0"));
  return sign === "-" ? -units : units;
}

/** Rounded to so many places, half away from zero. */
function rounded(units: bigint, places: number): bigint {
  const step = 10n ** BigInt(30 - places);
  const size = units < 0n ? -units : units;
  const steps = (size * 2n + step) / (step * 2n);
  return (units < 0n ? -steps : steps) * step;
}

const decimal = (max: bigint, places: number): fc.Arbitrary<string> =>
  fc.tuple(fc.bigInt(0n, max), fc.integer({ min: 0, max: places })).map(([digits, point]) => {
    const text = digits.toString().padStart(point + 1, "0");
    return point === 0 ? text : `${text.slice(0, -point)}.${text.slice(-point)}`;
  });

const lineOf = fc.record({
  quantity: decimal(10n ** 9n, 6),
  price: decimal(10n ** 7n, 10),
  product: fc.integer({ min: 1, max: 4 }),
  isApplied: fc.boolean(),
});

/** Few lines mostly, and now and then more than a document takes. */
const linesOf = fc.oneof(
  { weight: 9, arbitrary: fc.array(lineOf, { minLength: 1, maxLength: 12 }) },
  { weight: 1, arbitrary: fc.array(lineOf, { minLength: 501, maxLength: 520 }) },
);

interface Sent {
  readonly Amount: string;
  readonly SalesItemLineDetail: { readonly Qty: string; readonly UnitPrice: string };
}

/** Its numbers as they are written. */
const readSent = (text: string): readonly Sent[] =>
  (
    JSON.parse(text, ((_key: string, value: unknown, context: { source?: string }) =>
      typeof value === "number" ? context.source : value) as never) as { Line: Sent[] }
  ).Line;

test("lines add up to the rounded total, obey the amount rule and are written plainly, in any currency", () => {
  const seen = { rolledUp: 0, collapsed: 0, priced: 0, memos: 0 };
  fc.assert(
    fc.property(linesOf, fc.constantFrom(...Object.keys(PLACES)), (drawn, code) => {
      const places = PLACES[code] ?? 0;
      const creditType = findCreditTypeOfCurrency(code);
      const settings = { realm_id: "1", home_currency: code, item_strategy: "single" };
      const invoice = sampleInvoice(
        drawn.map(({ quantity, price, product, isApplied }) =>
          isApplied
            ? {
                type: "applied_commit_or_credit",
                productId: `p${product}`,
                quantity: null,
                unitPrice: null,
                total: `-${price}`,
              }
            : { productId: `p${product}`, quantity, unitPrice: price },
        ),
        { creditTypeId: creditType?.id ?? "", conventions: DEFAULT_CONVENTIONS },
      );
      const plan = toQuickBooksDocument(
        invoice,
        { qbo_customer_id: "1" },
        sampleConnection({ ...settings, default_item_id: "7" }),
      );
      if (plan.outcome !== "send") throw new Error(JSON.stringify(plan));
      const { document } = plan;
      const resolved = { customerId: "1", itemIds: new Map<string, string>() };
      const lines = readSent(writeExact(toFields(document, "N", resolved)));
      // What the invoice comes to, by hand: wire units are cents of dollars, and whole units of the others.
      const exact = drawn.reduce((sum, { quantity, price, isApplied }) => {
        const product = isApplied
          ? -toUnits(price)
          : (toUnits(quantity) * toUnits(price)) / 10n ** 30n;
        return sum + product;
      }, 0n);
      const total = rounded(code === "USD" ? exact / 100n : exact, places);
      const sum = lines.reduce((all, { Amount }) => all + toUnits(Amount), 0n);
      expect(document.kind === "CreditMemo" ? -sum : sum).toBe(total);
      expect(sum).toBeGreaterThanOrEqual(0n);
      expect(lines.length).toBeLessThanOrEqual(500);
      for (const { Amount, SalesItemLineDetail: detail } of lines) {
        const [quantity, price] = [toUnits(detail.Qty), toUnits(detail.UnitPrice)];
        expect(rounded((quantity * price) / 10n ** 30n, places)).toBe(toUnits(Amount));
        expect(rounded(toUnits(Amount), places)).toBe(toUnits(Amount));
        for (const each of [quantity, price]) expect(rounded(each, 7)).toBe(each);
        if (detail.Qty === "1" && detail.UnitPrice === Amount) seen.collapsed += 1;
        else seen.priced += 1;
      }
      if (drawn.length > 500) seen.rolledUp += 1;
      if (document.kind === "CreditMemo") seen.memos += 1;
    }),
    { numRuns: 300, seed: 7 },
  );
  // Each way was gone, or the property would say nothing of it.
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(5);
});

test.each([
  ["KWD", "3", "0.411", "1.23", "3 x 0.411", "1.233, of which the third decimal is never kept"],
  ["KWD", "3", "0.412", "1.23", "1 x 1.23", "1.236 is 1.24: a cent has moved"],
  ["ISK", "3", "0.5", "2", "3 x 0.5", "1.5 crowns are 2: there are no parts of one"],
  ["JPY", "7", "35.5", "249", "7 x 35.5", "248.5 yen are 249"],
  ["USD", "-2", "0.25", "-0.5", "-2 x 0.25", "less than nothing was used"],
  ["USD", "0.00000001", "100", "0", "1 x 0", "eight decimals of a quantity do not survive"],
  ["USD", "1234567890123456", "1", "1234567890123456", "1 x 1234567890123456", "nor do 16 digits"],
])("%s: %s x %s at %s goes as %s, for %s", (code, quantity, price, amount, expected) => {
  const { exponent, ...rest } = currency(code);
  // A credit type whose wire unit is the whole unit, so that the price stands as it is.
  const creditType = {
    id: "",
    name: code,
    wireExponent: exponent,
    currency: { exponent, ...rest },
  };
  const line = { quantity: dec(quantity), unitPrice: dec(price) };
  const sent = toLineAmount(line, dec(amount), creditType);
  expect(`${toText(sent.quantity)} x ${toText(sent.unitPrice)}`).toBe(expected);
});
