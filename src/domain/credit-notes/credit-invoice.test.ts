import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { USD_CREDIT_TYPE_ID } from "../credit-type.ts";
import { type Decimal, dec, sum, toText } from "../decimal.ts";
import { type InvoiceLine, NO_LINE_DETAILS } from "../invoices/line.ts";
import { totalsOf } from "../rating/totals.ts";
import { type CreditRequest, creditInvoice } from "./credit-invoice.ts";
import type { CreditedInvoice, CreditLine } from "./creditable.ts";

const BASE: InvoiceLine = {
  ...NO_LINE_DETAILS,
  lineKey: "",
  type: "usage",
  name: "",
  creditTypeId: USD_CREDIT_TYPE_ID,
  total: dec("0"),
  quantity: null,
  unitPrice: null,
  productId: null,
  productType: null,
  productTags: [],
  trace: [],
};

const line = (lineKey: string, total: string, more: Partial<InvoiceLine> = {}): InvoiceLine => ({
  ...BASE,
  lineKey,
  name: lineKey,
  total: dec(total),
  ...more,
});

const commit = (type: "PREPAID" | "POSTPAID") => ({ commitId: "c", segmentId: "s", type });

const invoiceOf = (
  lines: readonly InvoiceLine[],
  credited: readonly CreditLine[] = [],
): CreditedInvoice => ({
  creditTypeId: USD_CREDIT_TYPE_ID,
  total: totalsOf(lines, USD_CREDIT_TYPE_ID).total,
  lines,
  credited,
});

const show = (invoice: CreditedInvoice, request: CreditRequest): string => {
  const { lines, total, tax } = creditInvoice(invoice, request);
  const parts = lines.map(
    ({ lineKey, amount, returned }) =>
      `${lineKey} ${toText(amount)}${returned === null ? "" : ` (back ${toText(returned.amount)})`}`,
  );
  return `${parts.join(", ")}; ${toText(total)}, tax ${toText(tax)}`;
};

const full = { kind: "full" } as const;
const amount = (text: string) => ({ kind: "amount", amount: dec(text) }) as const;
const lines = (...given: [string, string?][]) =>
  ({
    kind: "lines",
    lines: given.map(([lineKey, text]) => ({
      lineKey,
      amount: text === undefined ? undefined : dec(text),
    })),
  }) as const;

const TWO = [line("a", "300"), line("b", "100.5")];
/** 500 used: 400 from a balance, 100 to pay. */
const COVERED = [
  line("use/by/s", "400", { commit: commit("PREPAID") }),
  line("use/by/s/offset", "-400", {
    type: "applied_commit_or_credit",
    commit: commit("PREPAID"),
  }),
  line("use", "100"),
];
const POSTPAID = [
  line("use/by/s", "400", { commit: commit("POSTPAID") }),
  line("use/by/s/offset", "-400", {
    type: "applied_commit_or_credit",
    commit: commit("POSTPAID"),
  }),
];
const TAXED = [line("fee", "100"), line("extra", "200"), line("tax/c", "25")];

describe("what a credit note comes to", () => {
  test.each([
    ["everything", TWO, full, "a 300, b 100.5; 400.5, tax 0", "exact, fractions included"],
    [
      "everything covered",
      COVERED,
      full,
      "use/by/s 0 (back 400), use 100; 100, tax 0",
      "what a balance paid goes back to it",
    ],
    [
      "postpaid",
      POSTPAID,
      full,
      "use/by/s 400 (back 400); 400, tax 0",
      "money was billed, and the commit is used less",
    ],
    ["a line", TWO, lines(["a"]), "a 300; 300, tax 0", "without an amount: the rest of it"],
    ["a part", TWO, lines(["a", "99.99"]), "a 99.99; 99.99, tax 0", "by amount"],
    [
      "a covered line",
      COVERED,
      lines(["use/by/s", "50"]),
      "use/by/s 0 (back 50); 0, tax 0",
      "no money, all of it value",
    ],
    // 400.5: 300/400.5 of 10 is 7.49, 100.5/400.5 is 2.51: one unit is missing, and b lost more.
    ["an amount", TWO, amount("10"), "a 7, b 3; 10, tax 0", "in proportion, by largest remainder"],
    [
      "an amount beside a balance",
      COVERED,
      amount("10"),
      "use 10; 10, tax 0",
      "what a balance paid is not money",
    ],
    // 100 of 300 without tax: a third of 25 is 8.33. The 200 that stay keep 16.67, rounded to 17.
    [
      "a taxed line",
      TAXED,
      lines(["fee"]),
      "fee 100, tax/c 8; 108, tax 8",
      "tax goes in proportion, by largest remainder",
    ],
    [
      "both taxed lines",
      TAXED,
      lines(["fee"], ["extra"]),
      "fee 100, extra 200, tax/c 25; 325, tax 25",
      "the last one takes the rest of the tax",
    ],
    // 65 of 325 is a fifth: 20, 40 and 5.
    [
      "a taxed amount",
      TAXED,
      amount("65"),
      "fee 20, extra 40, tax/c 5; 65, tax 5",
      "tax lines have their share",
    ],
    ["everything with tax", TAXED, full, "fee 100, extra 200, tax/c 25; 325, tax 25", "all of it"],
  ])("%s", (_name, given, request, expected, _why) => {
    expect(show(invoiceOf(given), request)).toBe(expected);
  });

  test("the second note credits what the first one left", () => {
    const first = creditInvoice(invoiceOf(TAXED), lines(["fee"]));
    const second = invoiceOf(TAXED, first.lines);
    expect(show(second, lines(["extra"]))).toBe("extra 200, tax/c 17; 217, tax 17");
    expect(show(second, full)).toBe("extra 200, tax/c 17; 217, tax 17");
    const third = invoiceOf(TAXED, [...first.lines, ...creditInvoice(second, full).lines]);
    expect(() => creditInvoice(third, full)).toThrow("is credited in full already");
  });
});

describe("refused, with the place:", () => {
  test.each([
    [TWO, amount("0"), "amount", "more than 0"],
    [TWO, amount("-1"), "amount", "more than 0"],
    [TWO, amount("0.5"), "amount", "in whole minor units of USD"],
    [TWO, amount("401"), "amount", "401 is more than the 400.5 left of the invoice"],
    [COVERED, amount("101"), "amount", "101 is more than the 100 left"],
    [TWO, lines(["a", "300.01"]), "line_items[0].amount", "more than the 300 left of line a"],
    [TWO, lines(["c"]), "line_items[0].line_key", "no line of the invoice"],
    [TWO, lines(["a"], ["a"]), "line_items[1].line_key", "there twice"],
    [COVERED, lines(["use/by/s/offset"]), "line_items[0].line_key", "no line of the invoice"],
    [TWO, lines(["a", "0"]), "line_items[0].amount", "must be more than 0"],
    [[line("a", "300"), line("minus", "-200")], lines(["a", "150"]), "line_items", "100 is left"],
    [[line("minus", "-200")], lines(["minus"]), "line_items[0]", "nothing is left"],
    [[line("a", "100"), line("minus", "-200")], full, "full", "its total comes to -100"],
  ])("%#: %j", (given, request, field, message) => {
    expect(() => creditInvoice(invoiceOf(given), request)).toThrow(message);
    expect(() => creditInvoice(invoiceOf(given), request)).toThrow(
      expect.objectContaining({ field }),
    );
  });
});

test("notes never come to more than the invoice, and a full one comes to what is left", () => {
  const cents = fc.integer({ min: 1, max: 50_000 }).map((value) => toText(dec(`${value}e-1`)));
  const anyLines = fc
    .array(fc.tuple(cents, fc.boolean()), { minLength: 1, maxLength: 6 })
    .map((given) => [
      ...given.map(([total, isCovered], index) =>
        line(`l${index}`, total, isCovered ? { commit: commit("PREPAID") } : {}),
      ),
      ...given.flatMap(([total, isCovered], index) =>
        isCovered
          ? [
              line(`l${index}/offset`, `-${total}`, {
                type: "applied_commit_or_credit",
                commit: commit("PREPAID"),
              }),
            ]
          : [],
      ),
      line("tax/c", "77"),
    ]);
  const anyAmount = fc.integer({ min: 1, max: 9000 }).map(String);
  fc.assert(
    fc.property(anyLines, fc.array(anyAmount, { maxLength: 5 }), (given, amounts) => {
      const credited: CreditLine[] = [];
      const invoice = () => invoiceOf(given, credited);
      const issued = (): Decimal => sum(credited.map((one) => one.amount));
      for (const text of amounts) {
        try {
          credited.push(...creditInvoice(invoice(), amount(text)).lines);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
        expect(issued().lte(invoice().total)).toBe(true);
      }
      try {
        credited.push(...creditInvoice(invoice(), full).lines);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
      expect(toText(issued())).toBe(toText(invoice().total));
    }),
  );
});
