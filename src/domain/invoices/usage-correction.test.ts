import fc from "fast-check";
import { expect, test } from "vitest";
import { dec, sum, toText } from "../decimal.ts";
import { instant } from "../time.ts";
import type { DrawDown } from "./invoice.ts";
import { type InvoiceLine, NO_LINE_DETAILS } from "./line.ts";
import { correctUsage } from "./usage-correction.ts";

const JANUARY = {
  id: "invoice",
  start: instant("2024-01-01T00:00:00Z"),
  end: instant("2024-02-01T00:00:00Z"),
};

/** "a: 3 x 100": key, quantity and price; the total is their product. */
const line = (text: string): InvoiceLine => {
  const [, key = "", quantity = "", price = ""] = /^(\w+): (\S+) x (\S+)$/.exec(text) ?? [];
  return {
    ...NO_LINE_DETAILS,
    lineKey: key,
    type: "usage",
    name: key,
    creditTypeId: "usd",
    total: dec(quantity).times(dec(price)),
    quantity: dec(quantity),
    unitPrice: dec(price),
    productId: null,
    productType: null,
    productTags: [],
    trace: [],
  };
};
const billed = (texts: readonly string[], drawDowns: readonly DrawDown[] = []) => ({
  lines: texts.map(line),
  drawDowns,
});
const show = ({ lineKey, quantity, unitPrice, total }: InvoiceLine): string =>
  `${lineKey.replace("late/invoice/", "")}: ${toText(quantity ?? dec("0"))} x ${toText(unitPrice ?? dec("0"))} = ${toText(total)}`;

test.each([
  [["a: 3 x 100"], ["a: 3 x 100"], [], "nothing has changed"],
  [["a: 3 x 100"], ["a: 7 x 100"], ["a: 4 x 100 = 400"], "more at the same price"],
  [["a: 7 x 100"], ["a: 3 x 100"], ["a: -4 x 100 = -400"], "less at the same price"],
  [[], ["b: 2 x 50"], ["b: 2 x 50 = 100"], "what was not there"],
  [["b: 2 x 50"], [], ["b/was: -2 x 50 = -100"], "what is gone is taken back"],
  [
    ["a: 3 x 100"],
    ["a: 4 x 90"],
    ["a/was: -3 x 100 = -300", "a: 4 x 90 = 360"],
    "at another price the old line is taken back whole",
  ],
  [["a: 0 x 100"], ["a: 0 x 90"], [], "nothing at any price is nothing"],
  [[], ["a: 0 x 90"], [], "a line of nothing"],
])("%j to %j: %j, because %s", (before, after, lines, _why) => {
  expect(correctUsage(billed(before), billed(after), JANUARY).lines.map(show)).toEqual(lines);
});

const drawDown = (segmentId: string, amount: string): DrawDown => ({
  commitId: "commit",
  segmentId,
  commitType: "PREPAID",
  amount: dec(amount),
  at: JANUARY.end,
});

test("draw-downs are differences by segment; what is not taken any more is given back", () => {
  const before = billed([], [drawDown("a", "300"), drawDown("b", "50"), drawDown("c", "7")]);
  const after = billed([], [drawDown("a", "500"), drawDown("c", "7"), drawDown("d", "1")]);
  const { drawDowns } = correctUsage(before, after, JANUARY);
  expect(drawDowns.map(({ segmentId, amount }) => `${segmentId} ${toText(amount)}`)).toEqual([
    "a 200",
    "b -50",
    "d 1",
  ]);
});

test("what was billed and the differences add up to what is due, whatever changed", () => {
  const anyLines = fc.uniqueArray(
    fc.record({
      key: fc.constantFrom("a", "b", "c", "d"),
      quantity: fc.integer({ min: 0, max: 99 }),
      price: fc.integer({ min: 0, max: 999 }),
    }),
    { selector: ({ key }) => key },
  );
  fc.assert(
    fc.property(anyLines, anyLines, (before, after) => {
      const texts = (lines: typeof before) =>
        lines.map(({ key, quantity, price }) => `${key}: ${quantity}e-1 x ${price}e-2`);
      const [old, fresh] = [billed(texts(before)), billed(texts(after))];
      const { lines } = correctUsage(old, fresh, JANUARY);
      const totalOf = (all: readonly InvoiceLine[]) => sum(all.map(({ total }) => total));
      expect(toText(totalOf([...old.lines, ...lines]))).toBe(toText(totalOf(fresh.lines)));
      for (const { quantity, unitPrice, total } of lines) {
        expect(toText((quantity ?? dec("0")).times(unitPrice ?? dec("0")))).toBe(toText(total));
      }
    }),
  );
});
