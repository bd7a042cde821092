import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CONVENTION_VALUES, DEFAULT_CONVENTIONS } from "../conventions.ts";
import { CREDIT_TYPES, getCreditType, USD_CREDIT_TYPE_ID } from "../credit-type.ts";
import { dec, sum, toText } from "../decimal.ts";
import { type InvoiceLine, NO_LINE_DETAILS } from "../invoices/line.ts";
import { allocateMinor, fromMinor, toWholeUnits } from "../money.ts";
import { dateText } from "./accounting-format.ts";
import { ACCOUNTING_FORMATS } from "./formats/index.ts";
import {
  type AccountedInvoice,
  type Accounting,
  type AccountingTerms,
  documentNumber,
  toAccountingDocument,
} from "./to-accounting-document.ts";

const ID = "6a0bd4f5-9a4a-5f3e-8a70-2f6d5f1f3b11";

const TERMS: AccountingTerms = {
  format: ACCOUNTING_FORMATS.NETSUITE,
  kind: "invoice",
  defaults: { item: "Usage", accountCode: null, taxType: null },
  productFields: {},
  numberPrefix: "LL-",
  withZeroLines: false,
};

/** "quantity x price" in the wire unit; its total is the product unless it is named. */
function line(product: string, details: Partial<InvoiceLine> = {}): InvoiceLine {
  const [quantity = "", price = ""] = product.split(" x ").map((part) => part.trim());
  return {
    ...NO_LINE_DETAILS,
    lineKey: "line",
    type: "scheduled",
    name: "Support",
    creditTypeId: USD_CREDIT_TYPE_ID,
    quantity: dec(quantity),
    unitPrice: dec(price),
    total: dec(quantity).times(dec(price)),
    productId: null,
    productType: null,
    productTags: [],
    trace: [],
    ...details,
  };
}

const invoiceOf = (
  lines: readonly InvoiceLine[],
  creditTypeId = USD_CREDIT_TYPE_ID,
): AccountedInvoice => ({
  id: ID,
  creditTypeId,
  lines: lines.map((one, index) => ({ ...one, creditTypeId, lineKey: `${index}` })),
  conventions: DEFAULT_CONVENTIONS,
  customer: "Acme",
  accountingName: null,
  issuedOn: "2024-02-01",
  dueOn: "2024-03-02",
});

function show(accounting: Accounting): string[] {
  if (accounting.outcome === "other_kind") return [`other kind: ${toText(accounting.total)}`];
  if (accounting.outcome !== "document") return [accounting.outcome];
  return accounting.document.lines.map(
    ({ quantity, unitPrice, amount }) =>
      `${toText(quantity)} x ${toText(unitPrice)} = ${toText(amount)}`,
  );
}

describe("rows", () => {
  test.each([
    [["3 x 250"], ["3 x 2.5 = 7.5"], "cents become dollars, and the price is told"],
    [["2.00005 x 100000"], ["1 x 2000.05 = 2000.05"], "five decimals of quantity are too many"],
    [["100 x 0.001"], ["1 x 0 = 0"], "0.1 cents come to nothing"],
    [["3 x 0.5"], ["1 x 0.02 = 0.02"], "1.5 cents round away from zero; 3 x 0.005 is not 0.02"],
    [["0 x 5", "1 x 5"], ["1 x 0.05 = 0.05"], "a line of nothing is dropped"],
    [["0 x 5"], ["0 x 0.05 = 0"], "unless the document would have no line"],
    [["1 x -500"], ["other kind: -5"], "less than nothing is a credit note"],
    [["1 x -0.4"], ["1 x 0 = 0"], "what rounds to nothing is not"],
    [["1 x 300", "1 x -100"], ["1 x 3 = 3", "1 x -1 = -1"], "a negative line stays one"],
    [[], ["empty"], "there is nothing to book"],
  ])("%j -> %j, because %s", (lines, rows) => {
    expect(show(toAccountingDocument(invoiceOf(lines.map((one) => line(one))), TERMS))).toEqual(
      rows,
    );
  });

  test("lines of zero are sent when they are wanted", () => {
    const invoice = invoiceOf([line("0 x 5"), line("1 x 5")]);
    const made = toAccountingDocument(invoice, { ...TERMS, withZeroLines: true });
    expect(show(made)).toEqual(["0 x 0.05 = 0", "1 x 0.05 = 0.05"]);
  });

  test("and between characters, whatever each of them takes", () => {
    const long = line("3 x 0.5", { name: "😀".repeat(5000) });
    const made = toAccountingDocument(invoiceOf([long]), TERMS);
    const text = made.outcome === "document" ? (made.document.lines[0]?.description ?? "") : "";
    expect(text.length).toBeLessThanOrEqual(3999);
    expect(text).toMatch(/^(😀)+ \(3 x 0\.005\)$/u);
  });

  test("a description is cut before its figures", () => {
    const long = line("3 x 0.5", { name: "é".repeat(5000) });
    const made = toAccountingDocument(invoiceOf([long]), TERMS);
    const text = made.outcome === "document" ? (made.document.lines[0]?.description ?? "") : "";
    expect([text.length, text.slice(-14)]).toEqual([3999, "éé (3 x 0.005)"]);
  });
});

describe("codes", () => {
  const product = { productId: "p1", productType: "USAGE", name: "Tokens" } as const;
  const xero = { ...TERMS, format: ACCOUNTING_FORMATS.XERO };
  const both = { item: null, accountCode: "200", taxType: "Tax" };

  test("the product's own come before the defaults", () => {
    const productFields = { p1: { accounting_account_code: "210" } };
    const made = toAccountingDocument(invoiceOf([line("1 x 100", product), line("1 x 100")]), {
      ...{ ...xero, defaults: both, productFields },
    });
    const codes =
      made.outcome === "document"
        ? made.document.lines.map(({ item, accountCode, taxType }) => [item, accountCode, taxType])
        : [];
    expect(codes).toEqual([
      [null, "210", "Tax"],
      [null, "200", "Tax"],
    ]);
  });

  test.each([
    [
      product,
      { ...both, accountCode: null },
      /product p1 \("Tokens".*accounting_account_code.*default_account_code/,
    ],
    [product, { ...both, taxType: null }, /product p1 .*accounting_tax_type.*default_tax_type/],
    [{}, { ...both, taxType: null }, /"Support".* is of no product; give default_tax_type/],
  ])("%j without %j is refused by name", (details, defaults, message) => {
    const made = toAccountingDocument(invoiceOf([line("1 x 100", details)]), { ...xero, defaults });
    expect(made).toEqual({ outcome: "refuse", message: expect.stringMatching(message) });
  });
});

describe("a code", () => {
  const product = { productId: "p1", productType: "USAGE", name: "Tokens" } as const;
  const codesOf = (item: string, defaults = TERMS.defaults) => {
    const productFields = { p1: { accounting_item: item } };
    const made = toAccountingDocument(invoiceOf([line("1 x 100", product)]), {
      ...{ ...TERMS, defaults, productFields },
    });
    return made.outcome === "document" ? made.document.lines.map(({ item: own }) => own) : made;
  };

  test("that is blank is none: the default comes in its place, or the file is refused", () => {
    expect(codesOf(" ")).toEqual(["Usage"]);
    expect(codesOf("", { ...TERMS.defaults, item: null })).toMatchObject({ outcome: "refuse" });
  });

  test("that a spreadsheet would run is refused, and not changed into another", () => {
    expect(codesOf("+Support")).toEqual({
      outcome: "refuse",
      message: expect.stringMatching(/Product p1 .*accounting_item that a spreadsheet would run/),
    });
  });
});

describe("the customer's name", () => {
  const { QUICKBOOKS, XERO, NETSUITE } = ACCOUNTING_FORMATS;
  const long = "x".repeat(101);
  test.each<[AccountingTerms["format"], string, string | null, string | RegExp, string]>([
    [XERO, "Acme", null, "Acme", "it is the customer's"],
    [XERO, "Acme", "Acme Ltd", "Acme Ltd", "or the one that is given"],
    [XERO, "Acme", " ", "Acme", "a blank one is none"],
    [XERO, " Acme ", null, "Acme", "spaces around it are nobody's"],
    [XERO, long, null, long, "it takes more than a name can have here"],
    [QUICKBOOKS, long, null, /101 characters, and QuickBooks Online takes 100/, "it would be cut"],
    [QUICKBOOKS, "A", long, /101 characters/, "a given one is not cut either"],
    [QUICKBOOKS, long, "X", "X", "a given one helps"],
    [NETSUITE, long, null, long, "nobody is made there, so that it fits or is not found"],
    [QUICKBOOKS, "Acme: EU", null, /has ":" in its name.*two customers/, "EU would belong to Acme"],
    [QUICKBOOKS, "Acme EU", "Acme:EU", "Acme:EU", "who gives it so means it"],
    [XERO, "Acme: EU", null, "Acme: EU", "there it parts nothing"],
    [NETSUITE, "=Acme", null, /has a name that a spreadsheet would run/, "it would get a mark"],
    [XERO, "@busy", "busy", "busy", "unless it is called otherwise"],
    [XERO, " ", null, /has no name/, "somebody has to pay"],
  ])(
    "in a file for $title: %j, given %j, is %s: %s",
    (format, customer, accountingName, wanted) => {
      const defaults = { item: "Usage", accountCode: "200", taxType: "Tax" };
      const made = toAccountingDocument(
        { ...invoiceOf([line("1 x 100")]), customer, accountingName },
        { ...TERMS, format, defaults },
      );
      const found = made.outcome === "document" ? made.document.customer : made;
      const refused = { outcome: "refuse", message: expect.stringMatching(wanted) };
      expect(found).toEqual(typeof wanted === "string" ? wanted : refused);
    },
  );
});

test.each([
  ["MM/DD/YYYY", "02/01/2024"],
  ["DD/MM/YYYY", "01/02/2024"],
  ["YYYY-MM-DD", "2024-02-01"],
] as const)("February 1, 2024 in %s is %s", (format, text) => {
  expect(dateText("2024-02-01", format)).toBe(text);
});

test("a number fits into 21 characters with the longest prefix", () => {
  expect(documentNumber(ID, "ABCD-")).toBe("ABCD-6a0bd4f59a4a5f3e");
  expect(documentNumber(ID, "ABCD-")).toHaveLength(21);
});

test("the rows of a document add up to the rounded total, and each multiplies to its amount", () => {
  const amounts = fc.array(
    fc.tuple(fc.integer({ min: 0, max: 90_000 }), fc.integer({ min: -9000, max: 90_000 })),
    { minLength: 1, maxLength: 12 },
  );
  const anyConventions = fc.record({
    roundingMode: fc.constantFrom(...CONVENTION_VALUES.roundingMode),
    invoiceRounding: fc.constantFrom(...CONVENTION_VALUES.invoiceRounding),
  });
  const anyCurrency = fc.constantFrom(...CREDIT_TYPES.map(({ id }) => id));
  fc.assert(
    fc.property(amounts, anyConventions, anyCurrency, (parts, chosen, creditTypeId) => {
      const lines = parts.map(([q, p]) =>
        line(`${toText(dec(`${q}e-2`))} x ${toText(dec(`${p}e-3`))}`),
      );
      const invoice = {
        ...invoiceOf(lines, creditTypeId),
        conventions: { ...DEFAULT_CONVENTIONS, ...chosen },
      };
      const creditType = getCreditType(creditTypeId);
      const { totalMinor } = allocateMinor(
        invoice.lines.map(({ total }) => total),
        creditType,
        invoice.conventions,
      );
      const kind = totalMinor < 0n ? "credit_note" : "invoice";
      const made = toAccountingDocument(invoice, { ...TERMS, kind });
      if (made.outcome !== "document") throw new Error(made.outcome);
      const { document } = made;
      const magnitude = totalMinor < 0n ? -totalMinor : totalMinor;
      const wanted = toText(toWholeUnits(fromMinor(magnitude, creditType), creditType));
      expect(toText(sum(document.lines.map(({ amount }) => amount)))).toBe(wanted);
      expect(toText(document.total)).toBe(wanted);
      for (const { quantity, unitPrice, amount } of document.lines) {
        expect(toText(quantity.times(unitPrice))).toBe(toText(amount));
      }
    }),
    { numRuns: 300 },
  );
});
