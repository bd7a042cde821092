import { USD_CREDIT_TYPE_ID } from "../domain/credit-type.ts";
import { type Decimal, dec } from "../domain/decimal.ts";
import type { ImportedInvoice, ImportedLine } from "../domain/invoices/imported-invoice.ts";
import { type Instant, type Interval, instant } from "../domain/time.ts";
import { ImportFileError, readTable, type TableRow } from "./read-table.ts";

/** What a file says of a contract. */
export interface MappedContract {
  readonly contractId: string;
  readonly customerId: string;
  readonly creditTypeId: string;
}

/** An invoice of the file: its number there, its rows, one for each line. */
export interface FileInvoice {
  readonly number: string;
  readonly rows: readonly number[];
  readonly invoice: ImportedInvoice;
}

/** A part of the file that cannot be imported, and why. */
export interface Refusal {
  readonly rows: readonly number[];
  readonly invoice: string;
  readonly reason: string;
}

export interface InvoicesFile {
  readonly invoices: readonly FileInvoice[];
  readonly refusals: readonly Refusal[];
}

const COLUMNS = {
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
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

class RowError extends Error {}

const HAS_ZONE = /(Z|[+-]\d\d:?\d\d)$/i;

/** "2024-06-01", "2024-06-01 12:00" or RFC 3339; without a zone it is UTC. */
function toInstant({ number, cells }: TableRow, column: string): Instant {
  const text = cells[column] ?? "";
  const withTime = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text.replace(" ", "T");
  try {
    return instant(HAS_ZONE.test(withTime) ? withTime : `${withTime}Z`);
  } catch {
    throw new RowError(`row ${number}: ${column} is "${text}", not a date such as 2024-06-01`);
  }
}

function toDecimal({ number, cells }: TableRow, column: string): Decimal {
  const text = cells[column] ?? "";
  if (/^-?\d{1,18}(\.\d{1,12})?$/.test(text)) return dec(text);
  throw new RowError(`row ${number}: ${column} is "${text}", not a number such as 12.5`);
}

function toWindow(row: TableRow, from: string, to: string): Interval {
  const window = { start: toInstant(row, from), end: toInstant(row, to) };
  for (const [column, at] of [
    [from, window.start],
    [to, window.end],
  ] as const) {
    if (at.epochMilliseconds % 3_600_000 !== 0) {
      throw new RowError(`row ${row.number}: ${column} must be on the hour`);
    }
  }
  return window;
}

const groupValues = ({ cells }: TableRow, prefix: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(cells)
      .filter(([column, value]) => column.startsWith(prefix) && value !== "")
      .map(([column, value]) => [column.slice(prefix.length), value]),
  );

/** Reads which contract here a contract's name in the file means. Throws ImportFileError. */
export function readContractMap(path: string): ReadonlyMap<string, MappedContract> {
  const columns = {
    needed: ["contract", "contract_id", "customer_id"],
    optional: ["credit_type_id"],
  };
  const map = new Map<string, MappedContract>();
  for (const { number, cells } of readTable(path, columns)) {
    const { contract = "", contract_id = "", customer_id = "", credit_type_id } = cells;
    if (map.has(contract)) {
      throw new ImportFileError(`${path}: row ${number} maps "${contract}" a second time`);
    }
    const creditTypeId =
      credit_type_id === undefined || credit_type_id === "" ? USD_CREDIT_TYPE_ID : credit_type_id;
    const ids = { contract_id, customer_id, credit_type_id: creditTypeId };
    const wrong = Object.entries(ids).find(([, id]) => !UUID.test(id));
    if (wrong !== undefined) {
      throw new ImportFileError(`${path}: row ${number}: ${wrong[0]} is "${wrong[1]}", not an id`);
    }
    map.set(contract, {
      contractId: contract_id.toLowerCase(),
      customerId: customer_id.toLowerCase(),
      creditTypeId,
    });
  }
  return map;
}

interface Names {
  readonly contracts: ReadonlyMap<string, MappedContract>;
  /** Ids of products by id and by name; null: several have that name. */
  readonly products: ReadonlyMap<string, string | null>;
}

/** Reads the invoices of a file, a row for each line. What cannot be read is a refusal of its invoice. */
export function readInvoices(path: string, names: Names): InvoicesFile {
  const byNumber = Map.groupBy(readTable(path, COLUMNS), ({ cells }) => cells.invoice ?? "");
  const invoices: FileInvoice[] = [];
  const refusals: Refusal[] = [];
  for (const [number, rows] of byNumber) {
    const place = { number, rows: rows.map((row) => row.number) };
    try {
      invoices.push({ ...place, invoice: toInvoice(rows, names) });
    } catch (error) {
      if (!(error instanceof RowError)) throw error;
      refusals.push({ rows: place.rows, invoice: number, reason: error.message });
    }
  }
  return { invoices, refusals };
}

function toInvoice(rows: readonly TableRow[], { contracts, products }: Names): ImportedInvoice {
  const [first] = rows;
  if (first === undefined) throw new RowError("no rows");
  for (const row of rows) {
    const other = SHARED.find((column) => row.cells[column] !== first.cells[column]);
    if (other === undefined) continue;
    throw new RowError(
      `row ${row.number}: ${other} is "${row.cells[other]}", in row ${first.number} of the same invoice it is "${first.cells[other]}"`,
    );
  }
  const name = first.cells.contract ?? "";
  const contract = contracts.get(name);
  if (contract === undefined) {
    throw new RowError(`row ${first.number}: the contract map has no "${name}"`);
  }
  const billed = first.cells.billed_total;
  return {
    ...contract,
    period: toWindow(first, "period_start", "period_end"),
    issuedAt: toInstant(first, "issue_date"),
    granularity: undefined,
    billableStatus: "billable",
    billedTotal:
      billed === undefined || billed === "" ? undefined : toDecimal(first, "billed_total"),
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
  const has = (column: string) => (row.cells[column] ?? "") !== "";
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
