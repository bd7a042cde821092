import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { headingsOf, toRows } from "../../src/domain/accounting/accounting-format.ts";
import {
  ACCOUNTING_FORMAT_NAMES,
  ACCOUNTING_FORMATS,
} from "../../src/domain/accounting/formats/index.ts";
import {
  type AccountedInvoice,
  toAccountingDocument,
} from "../../src/domain/accounting/to-accounting-document.ts";
import { DEFAULT_CONVENTIONS } from "../../src/domain/conventions.ts";
import { USD_CREDIT_TYPE_ID } from "../../src/domain/credit-type.ts";
import { writeRows } from "../../src/http/documents/csv-rows.ts";
import { type SampleLine, sampleLine } from "../support/sample-delivery.ts";

/** Each file as it stands beside this one was written by hand; notes.md derives its figures. */
const JPY = "0d957803-4661-595a-9b00-3792cb62f944";
const EUR = "ab6a6f74-f0d9-5c63-9800-1b379eb1b12c";

const PAYS = { type: "applied_commit_or_credit", quantity: null, unitPrice: null } as const;
const segment = { commitId: "commit", segmentId: "segment" };
const LONE = { productId: null, startingAt: null, endingBefore: null } as const;

function invoice(
  id: string,
  customer: string,
  creditTypeId: string,
  lines: readonly SampleLine[],
): AccountedInvoice {
  return {
    id,
    customer,
    accountingName: null,
    creditTypeId,
    conventions: DEFAULT_CONVENTIONS,
    issuedOn: "2024-02-01",
    dueOn: "2024-03-02",
    lines: lines.map((line, index) => sampleLine({ lineKey: `${index}`, creditTypeId, ...line })),
  };
}

const INVOICES = [
  invoice("6a0bd4f5-9a4a-5f3e-8a70-2f6d5f1f3b11", "Acme, Inc.", USD_CREDIT_TYPE_ID, [
    { productId: "tokens", quantity: "1000", unitPrice: "2" },
    {
      ...{ name: "Calls", productId: "calls", quantity: "10", unitPrice: "3.34" },
      pricingGroupValues: { region: "eu" },
    },
    {
      ...{ name: "Calls", productId: "calls", quantity: "10", unitPrice: "3.34" },
      pricingGroupValues: { region: "us" },
    },
    { ...LONE, type: "scheduled", name: '=Setup, "fast"', quantity: "1", unitPrice: "500" },
    {
      ...PAYS,
      ...{ name: "Welcome credit", productId: "tokens", total: "-200" },
      commit: { ...segment, type: "CREDIT" },
    },
    {
      ...PAYS,
      ...{ name: "Counted", productId: "tokens", total: "-100" },
      commit: { ...segment, type: "POSTPAID" },
    },
    { name: "Idle", productId: "idle", quantity: "0", unitPrice: "2" },
  ]),
  invoice("b2c1d4f5-9a4a-5f3e-8a70-2f6d5f1f3b12", "Kyoto", JPY, [
    { productId: "tokens", quantity: "3", unitPrice: "500.4" },
  ]),
  invoice("d4e2d4f5-9a4a-5f3e-8a70-2f6d5f1f3b13", "Lyon", EUR, [
    { productId: "tokens", quantity: "2.5", unitPrice: "4.1" },
  ]),
  invoice("f6a3d4f5-9a4a-5f3e-8a70-2f6d5f1f3b14", "Acme, Inc.", USD_CREDIT_TYPE_ID, [
    { ...LONE, type: "scheduled", name: "Refund", quantity: "1", unitPrice: "-500" },
    { ...LONE, type: "scheduled", name: "Fee", quantity: "1", unitPrice: "100" },
  ]),
];

const PRODUCT_FIELDS = {
  calls: {
    accounting_item: "API calls",
    accounting_account_code: "210",
    accounting_tax_type: "TAX",
  },
};

const CASES = ACCOUNTING_FORMAT_NAMES.flatMap((name) =>
  (["invoice", "credit_note"] as const).map((kind) => [name, kind] as const),
);

test.each(CASES)("the file for %s of kind %s", (name, kind) => {
  const format = ACCOUNTING_FORMATS[name];
  const isXero = name === "XERO";
  const defaults = {
    item: "Usage",
    accountCode: isXero ? "200" : null,
    taxType: isXero ? "Tax on Sales" : null,
  };
  const rows = INVOICES.flatMap((one) => {
    const terms = { format, kind, defaults, productFields: PRODUCT_FIELDS };
    const made = toAccountingDocument(one, { ...terms, numberPrefix: "LL-", withZeroLines: false });
    return made.outcome === "document" ? toRows(format, made.document, format.dateFormat) : [];
  });
  const file = `${name.toLowerCase()}-${kind === "invoice" ? "invoices" : "credit-notes"}.csv`;
  const wanted = readFileSync(new URL(file, import.meta.url), "utf8");
  expect(writeRows([headingsOf(format, kind), ...rows])).toBe(wanted);
});
