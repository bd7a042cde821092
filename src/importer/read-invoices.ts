import { dec } from "../domain/decimal.ts";
import type { ImportedInvoice, ImportedLine } from "../domain/invoices/imported-invoice.ts";
import type { Interval } from "../domain/time.ts";
import {
  checkAlike,
  findCell,
  type Refusal,
  RowError,
  toDecimal,
  toHour,
  toInstant,
} from "./cells.ts";
import type { ContractMap } from "./contract-map.ts";
import { type Columns, checkColumns, type Table, type TableRow } from "./read-table.ts";

/** An invoice of the file: its number there, its rows, one for each line. */
export interface FileInvoice {
  readonly number: string;
  readonly rows: readonly number[];
  readonly invoice: ImportedInvoice;
}

export interface InvoicesFile {
  readonly invoices: readonly FileInvoice[];
  readonly refusals: readonly Refusal[];
}

/** Of a file of invoices. */
export const INVOICE_COLUMNS: Columns = {
  needed: [
    "invoice",
    "contract",
    "period_start",
    "period_end",
    "issue_date",
    "product",
    "quantity",
  ],
  optional: ["line_start", "line_end", "billed_total"],
  prefixes: ["pricing.", "presentation."],
};
/** What all rows of an invoice have to say alike. */
const SHARED = ["contract", "period_start", "period_end", "issue_date", "billed_total"];

function toWindow(row: TableRow, from: string, to: string): Interval {
  return { start: toHour(row, from), end: toHour(row, to) };
}

const groupValues = ({ cells }: TableRow, prefix: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(cells)
      .filter(([column, value]) => column.startsWith(prefix) && value !== "")
      .map(([column, value]) => [column.slice(prefix.length), value]),
  );

interface Names {
  readonly contracts: ContractMap;
  /** Ids of products by id and by name; null: several have that name. */
  readonly products: ReadonlyMap<string, string | null>;
}

/** Reads the invoices of a file, a row for each line. What cannot be read is a refusal of its invoice. */
export function readInvoices(table: Table, names: Names): InvoicesFile {
  const rows = checkColumns(table, INVOICE_COLUMNS);
  const byNumber = Map.groupBy(rows, ({ cells }) => cells.invoice ?? "");
  const invoices: FileInvoice[] = [];
  const refusals: Refusal[] = [];
  for (const [number, own] of byNumber) {
    const place = { number, rows: own.map((row) => row.number) };
    try {
      invoices.push({ ...place, invoice: toInvoice(own, names) });
    } catch (error) {
      if (!(error instanceof RowError)) throw error;
      refusals.push({ rows: place.rows, key: number, reason: error.message });
    }
  }
  return { invoices, refusals };
}

function toInvoice(rows: readonly TableRow[], { contracts, products }: Names): ImportedInvoice {
  const [first, ...more] = rows;
  if (first === undefined) throw new RowError("no rows");
  checkAlike([first, ...more], SHARED, "invoice");
  const name = first.cells.contract ?? "";
  const contract = contracts.get(name);
  if (contract === undefined) {
    throw new RowError(`row ${first.number}: the contract map has no "${name}"`);
  }
  return {
    ...contract,
    period: toWindow(first, "period_start", "period_end"),
    issuedAt: toInstant(first, "issue_date"),
    granularity: undefined,
    billableStatus: "billable",
    billedTotal:
      findCell(first, "billed_total") === undefined ? undefined : toDecimal(first, "billed_total"),
    customFields: undefined,
    lines: rows.map((row) => toLine(row, products)),
  };
}

function toLine(row: TableRow, products: Names["products"]): ImportedLine {
  const name = row.cells.product ?? "";
  const productId = products.get(name);
  if (productId === undefined || productId === null) {
    const reason =
      productId === null ? "several products have that name" : "there is no such product";
    throw new RowError(`row ${row.number}: product is "${name}": ${reason}`);
  }
  const has = (column: string) => findCell(row, column) !== undefined;
  const quantity = toDecimal(row, "quantity");
  if (quantity.lt(dec("0"))) throw new RowError(`row ${row.number}: quantity is negative`);
  return {
    productId,
    window: toWindow(
      row,
      has("line_start") ? "line_start" : "period_start",
      has("line_end") ? "line_end" : "period_end",
    ),
    pricingGroupValues: groupValues(row, "pricing."),
    presentationGroupValues: groupValues(row, "presentation."),
    quantity,
    subtotals: undefined,
  };
}
