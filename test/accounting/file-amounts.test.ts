import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { AccountingFormat } from "../../src/domain/accounting/accounting-format.ts";
import { headingsOf, toRows } from "../../src/domain/accounting/accounting-format.ts";
import { ACCOUNTING_FORMATS } from "../../src/domain/accounting/formats/index.ts";
import { toAccountedNote } from "../../src/domain/accounting/to-accounted-note.ts";
import {
  type AccountedInvoice,
  type AccountingTerms,
  toAccountingDocument,
} from "../../src/domain/accounting/to-accounting-document.ts";
import { CONVENTION_VALUES, DEFAULT_CONVENTIONS } from "../../src/domain/conventions.ts";
import { CREDIT_TYPES, type CreditType } from "../../src/domain/credit-type.ts";
import { dec } from "../../src/domain/decimal.ts";
import { writeRows } from "../../src/http/documents/csv-rows.ts";
import { type SampleLine, sampleLine } from "../support/sample-delivery.ts";

/**
 * The law of every file, read as its importer reads it: the rows of a document come to the rounded total of
 * its invoice, with no digit that the currency has not, and quantity x price is the amount to the last digit.
 * The figures to compare with are worked out in whole numbers of a millionth of a minor unit.
 */

/** Where each format has its figures; null: it works the amount out of the other two. */
const COLUMNS = {
  QUICKBOOKS: { quantity: "ItemQuantity", price: "ItemRate", amount: "*ItemAmount" },
  XERO: { quantity: "*Quantity", price: "*UnitAmount", amount: null },
  NETSUITE: { quantity: "Quantity", price: "Rate", amount: "Amount" },
} as const;

type Name = keyof typeof COLUMNS;
type Rounding = (typeof CONVENTION_VALUES.roundingMode)[number];

const MILLION = 1_000_000n;
const sizeOf = (value: bigint): bigint => (value < 0n ? -value : value);

/** Millionths of minor units to minor units, in the mode. */
function roundMillionths(value: bigint, mode: Rounding): bigint {
  const whole = sizeOf(value) / MILLION;
  const rest = sizeOf(value) % MILLION;
  const half = MILLION / 2n;
  const isUp = {
    half_away_from_zero: rest >= half,
    half_even: rest > half || (rest === half && whole % 2n === 1n),
    away_from_zero: rest > 0n,
    toward_zero: false,
  }[mode];
  const size = whole + (isUp ? 1n : 0n);
  return value < 0n ? -size : size;
}

/** "12.34" in steps of so many decimals: 1234n of two. Fails on what no importer takes for a number. */
function steps(text: string, decimals: number): bigint {
  const parts = /^(-?)(0|[1-9]\d*)(?:\.(\d+))?$/.exec(text);
  if (parts === null) throw new Error(`${JSON.stringify(text)} is no plain number`);
  const [, sign = "", whole = "", fraction = ""] = parts;
  if (fraction.length > decimals) throw new Error(`${text} has more than ${decimals} decimals`);
  return BigInt(`${sign}${whole}${fraction.padEnd(decimals, "0")}`);
}

/** The amounts of a file in minor units, as its importer comes to them. */
function amountsOf(csv: string, name: Name, { currency }: CreditType): bigint[] {
  const { quantity, price, amount } = COLUMNS[name];
  const rows: Record<string, string>[] = parse(csv, { columns: true });
  return rows.map((row) => {
    // Four decimals each: eight of their product.
    const product = steps(row[quantity] ?? "", 4) * steps(row[price] ?? "", 4);
    const scale = 10n ** BigInt(8 - currency.exponent);
    if (product % scale !== 0n) throw new Error("the product has to be rounded");
    const minor = product / scale;
    if (amount !== null) expect(steps(row[amount] ?? "", currency.exponent)).toBe(minor);
    return minor;
  });
}

const sumOf = (values: readonly bigint[]): bigint => values.reduce((a, b) => a + b, 0n);

/** A line in hundredths of a unit at ten-thousandths of a minor unit each: millionths of minor units. */
interface Part {
  readonly quantity: number;
  readonly price: number;
  readonly kind: "usage" | "flat" | "credit" | "postpaid";
}

const anyPart: fc.Arbitrary<Part> = fc.record({
  // A hundred thousand of the smallest prices multiply well, and their prices have too many decimals.
  quantity: fc.oneof(fc.integer({ min: -5000, max: 900_000 }), fc.constantFrom(100, 10_000_000)),
  price: fc.oneof(fc.integer({ min: 0, max: 9_000_000 }), fc.constantFrom(10, 2_000_000)),
  kind: fc.constantFrom("usage", "usage", "flat", "credit", "postpaid"),
});

const millionthsOf = ({ quantity, price, kind }: Part): bigint =>
  BigInt(quantity) * BigInt(price) * (kind === "credit" || kind === "postpaid" ? -1n : 1n);

function toLine(part: Part, { id: creditTypeId, wireExponent }: CreditType): SampleLine {
  const { quantity, price, kind } = part;
  const total = dec(`${millionthsOf(part)}e-${6 + wireExponent}`).toFixed();
  if (kind === "flat") return { type: "scheduled", quantity: null, unitPrice: null, total };
  const figures = {
    quantity: dec(`${quantity}e-2`).toFixed(),
    unitPrice: dec(`${price}e-${4 + wireExponent}`).toFixed(),
  };
  if (kind === "usage") return { creditTypeId, ...figures };
  const commit = {
    ...{ commitId: "commit", segmentId: "segment" },
    type: kind === "credit" ? ("CREDIT" as const) : ("POSTPAID" as const),
  };
  const type = "applied_commit_or_credit" as const;
  return { type, commit, quantity: null, unitPrice: null, total };
}

function invoiceOf(
  lines: readonly SampleLine[],
  { id: creditTypeId }: CreditType,
  conventions: Partial<AccountedInvoice["conventions"]>,
): AccountedInvoice {
  return {
    id: "6a0bd4f5-9a4a-5f3e-8a70-2f6d5f1f3b11",
    creditTypeId,
    customer: "Acme",
    accountingName: null,
    conventions: { ...DEFAULT_CONVENTIONS, ...conventions },
    issuedOn: "2024-02-01",
    dueOn: "2024-03-02",
    lines: lines.map((line, index) => sampleLine({ lineKey: `${index}`, ...line, creditTypeId })),
  };
}

const termsOf = (format: AccountingFormat, kind: AccountingTerms["kind"]): AccountingTerms => ({
  format,
  kind,
  defaults: { item: "Usage", accountCode: "200", taxType: "Tax" },
  productFields: {},
  numberPrefix: "LL-",
  withZeroLines: true,
});

const anyConventions = fc.record({
  roundingMode: fc.constantFrom(...CONVENTION_VALUES.roundingMode),
  invoiceRounding: fc.constantFrom(...CONVENTION_VALUES.invoiceRounding),
});
const anyCurrency = fc.constantFrom(...CREDIT_TYPES);
const NAMES = Object.keys(COLUMNS) as Name[];

test.each(NAMES)("the rows of an invoice in a file for %s come to its rounded total", (name) => {
  const format = ACCOUNTING_FORMATS[name];
  const parts = fc.array(anyPart, { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(parts, anyCurrency, anyConventions, (some, creditType, conventions) => {
      const { roundingMode, invoiceRounding } = conventions;
      const summed = some.filter(({ kind }) => kind !== "postpaid").map(millionthsOf);
      fc.pre(summed.length > 0);
      const total =
        invoiceRounding === "sum_then_round"
          ? roundMillionths(sumOf(summed), roundingMode)
          : sumOf(summed.map((one) => roundMillionths(one, roundingMode)));
      const kind = total < 0n ? "credit_note" : "invoice";
      const lines = some.map((part) => toLine(part, creditType));
      const made = toAccountingDocument(
        invoiceOf(lines, creditType, conventions),
        termsOf(format, kind),
      );
      if (made.outcome !== "document") throw new Error(JSON.stringify(made));
      const rows = toRows(format, made.document, format.dateFormat);
      const amounts = amountsOf(writeRows([headingsOf(format, kind), ...rows]), name, creditType);
      expect(amounts).toHaveLength(summed.length);
      expect(sumOf(amounts)).toBe(sizeOf(total));
    }),
    { numRuns: 400 },
  );
});

test.each(NAMES)("the rows of a credit note in a file for %s come to what it credits", (name) => {
  const format = ACCOUNTING_FORMATS[name];
  const credits = fc.array(fc.bigInt({ min: 1n, max: 90_000_000_000n }), {
    minLength: 1,
    maxLength: 8,
  });
  // Notes are rounded together with those before them, and so may be a unit away from their own lines.
  const anyDrift = fc.constantFrom(-1n, 0n, 1n);
  fc.assert(
    fc.property(credits, anyCurrency, anyDrift, (some, creditType, drift) => {
      const rounded = roundMillionths(sumOf(some), "half_away_from_zero") + drift;
      fc.pre(rounded > 0n);
      const amounts = some.map((one) => dec(`${one}e-${6 + creditType.wireExponent}`));
      const note = {
        id: "7b1ce5f6-0b5b-4a4f-9b81-3a7e602a4c22",
        amountMinor: rounded,
        issuedOn: "2024-02-10",
        invoice: invoiceOf([{}], creditType, {}),
        lines: amounts.map((amount, index) => ({
          lineKey: `${index}`,
          name: "Tokens",
          amount,
          returned: null,
        })),
      };
      const made = toAccountedNote(note, termsOf(format, "credit_note"));
      if (made.outcome !== "document") throw new Error(JSON.stringify(made));
      const rows = toRows(format, made.document, format.dateFormat);
      const csv = writeRows([headingsOf(format, "credit_note"), ...rows]);
      expect(sumOf(amountsOf(csv, name, creditType))).toBe(rounded);
    }),
    { numRuns: 200 },
  );
});
