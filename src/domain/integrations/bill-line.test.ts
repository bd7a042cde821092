import { expect, test } from "vitest";
import { findCreditTypeOfCurrency, USD_CREDIT_TYPE_ID } from "../credit-type.ts";
import { dec, sum, toText } from "../decimal.ts";
import { type InvoiceLine, NO_LINE_DETAILS } from "../invoices/line.ts";
import { instant } from "../time.ts";
import { type BillLine, toBillLines } from "./bill-line.ts";

const period = { start: instant("2024-01-01T00:00:00Z"), end: instant("2024-02-01T00:00:00Z") };
const UNIT = "7d0f3c0e-8a39-4e0e-8f65-2a8d7f1f7a10";

const line = (given: Partial<InvoiceLine> & { total: InvoiceLine["total"] }): InvoiceLine => ({
  ...NO_LINE_DETAILS,
  lineKey: "usage/p/{}/{}/2024-01-01T00:00:00Z/flat",
  type: "usage",
  name: "Tokens",
  creditTypeId: USD_CREDIT_TYPE_ID,
  quantity: null,
  unitPrice: null,
  productId: null,
  productType: null,
  productTags: [],
  trace: [],
  ...given,
});

function billed(currency: string, lines: readonly InvoiceLine[]): BillLine[] {
  const creditType = findCreditTypeOfCurrency(currency);
  if (creditType === undefined) throw new Error(`no credit type of ${currency}`);
  return toBillLines({
    billId: "b7a3f0d2-6c1e-4f0b-9a55-0d1c2f7e8a41",
    contractId: "contract",
    creditType,
    period,
    lines: lines.map((each) =>
      each.creditTypeId === USD_CREDIT_TYPE_ID ? { ...each, creditTypeId: creditType.id } : each,
    ),
    products: new Map(),
    unitNames: new Map([[UNIT, "Compute units"]]),
  });
}

const show = ({ averageUnitPrice, subtotal, currency, convertedSubtotal }: BillLine): string =>
  `${toText(averageUnitPrice)}, ${toText(subtotal)} ${currency}, ${toText(convertedSubtotal)}`;

test.each([
  ["USD", "0.333", "33.633", "0.00333, 0.33633 USD, 0.33633", "cents on the core's wire"],
  ["EUR", "0.333", "33.633", "0.333, 33.633 EUR, 33.633", "whole units already"],
  ["JPY", "3", "303", "3, 303 JPY, 303", "no minor unit at all"],
])("%s at %s, %s is %s: %s", (currency, unitPrice, total, shown) => {
  const [found] = billed(currency, [
    line({ quantity: dec("101"), unitPrice: dec(unitPrice), total: dec(total) }),
  ]);
  expect(found && show(found)).toBe(shown);
});

test("what is only shown counts for nothing, so that the lines add up to the total", () => {
  const commit = { commitId: "commit", segmentId: "segment", type: "POSTPAID" } as const;
  const lines = billed("USD", [
    line({ quantity: dec("10"), unitPrice: dec("3"), total: dec("30"), creditTypeId: UNIT }),
    line({
      type: "cpu_conversion",
      quantity: dec("30"),
      unitPrice: dec("50"),
      total: dec("1500"),
      commit,
    }),
    line({ type: "applied_commit_or_credit", total: dec("-1500"), commit }),
  ]);
  expect(lines.map(show)).toEqual(["3, 30 Compute units, 0", "0.5, 15 USD, 15", "-15, -15 USD, 0"]);
  expect(toText(sum(lines.map(({ convertedSubtotal }) => convertedSubtotal)))).toBe("15");
});

test("a tier's fee is the fixed price of its band", () => {
  const tier = { level: 2, startingAt: dec("100"), size: null };
  const lines = billed("USD", [
    line({
      lineKey: "usage/p/{}/{}/2024-01-01T00:00:00Z/tier 2/fee",
      tier,
      quantity: dec("1"),
      unitPrice: dec("500"),
      total: dec("500"),
    }),
    line({
      lineKey: "usage/p/{}/{}/2024-01-01T00:00:00Z/tier 2",
      tier,
      quantity: dec("20"),
      unitPrice: dec("5"),
      total: dec("100"),
    }),
  ]);
  const bands = lines.flatMap(({ usagePerPricingBand }) => usagePerPricingBand);
  expect(bands.map((band) => Object.values(band).map(toText))).toEqual([
    ["100", "0", "5", "0", "0", "5"],
    ["100", "0.05", "0", "20", "20", "1"],
  ]);
});

test("late usage names the bill that it corrects, and keys are ids for ever", () => {
  const [late, again] = [1, 2].map(
    () =>
      billed("USD", [
        line({
          lineKey: "late/0b9c/usage/p/{}/{}/2023-12-01T00:00:00Z/flat",
          quantity: dec("-2"),
          unitPrice: dec("50"),
          total: dec("-100"),
        }),
      ])[0],
  );
  expect(late).toMatchObject({ referencedBillId: "0b9c", lineItemType: "USAGE_CREDIT" });
  expect(again?.id).toBe(late?.id);
});
