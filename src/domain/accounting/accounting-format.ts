import type { Decimal } from "../decimal.ts";
import type {
  AccountingCodes,
  AccountingDocument,
  AccountingKind,
  AccountingLine,
} from "./accounting-document.ts";

/** How dates are written. */
export const DATE_FORMATS = ["MM/DD/YYYY", "DD/MM/YYYY", "YYYY-MM-DD"] as const;
export type DateFormat = (typeof DATE_FORMATS)[number];

/** What a cell is made of. */
export interface CellSource {
  readonly document: AccountingDocument;
  readonly line: AccountingLine;
  /** A calendar date as the file writes it. */
  readonly date: (day: string) => string;
}

/** Text, a number, or nothing. */
export type AccountingCell = string | Decimal | null;

export type AccountingColumn = readonly [
  heading: string,
  cell: (source: CellSource) => AccountingCell,
];

/** A file that an accounting system imports: one row for each line, each with the facts of its document. */
export interface AccountingFormat {
  /** What people call the system. */
  readonly title: string;
  readonly columns: Readonly<Record<AccountingKind, readonly AccountingColumn[]>>;
  readonly dateFormat: DateFormat;
  /** What it does not take in a customer's name; null: it takes every name that there is here. */
  readonly customerNames: {
    readonly maxCharacters: number;
    /** What parts a customer from the one that it belongs to. */
    readonly parting: string;
  } | null;
  /** Of each code: every line needs one, may have one, or the file has no place for it. */
  readonly codes: Readonly<Record<keyof AccountingCodes, "needed" | "taken" | "none">>;
  /** What the system imports at once. */
  readonly maxDocuments: number;
  readonly maxRows: number;
  /** Rows of one document. */
  readonly maxLines: number;
}

/** Line breaks and tabs within a cell are read differently everywhere. */
const oneLine = (cell: AccountingCell): AccountingCell =>
  typeof cell === "string" ? cell.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ") : cell;

/** A cell that a template has and we leave empty. */
export const blank = (heading: string): AccountingColumn => [heading, () => null];

const DATE_TEXTS = {
  "MM/DD/YYYY": (year, month, day) => `${month}/${day}/${year}`,
  "DD/MM/YYYY": (year, month, day) => `${day}/${month}/${year}`,
  "YYYY-MM-DD": (year, month, day) => `${year}-${month}-${day}`,
} as const satisfies Record<DateFormat, (year: string, month: string, day: string) => string>;

/** "2024-02-01" in the format: "02/01/2024". */
export function dateText(isoDate: string, format: DateFormat): string {
  const [year = "", month = "", day = ""] = isoDate.split("-");
  return DATE_TEXTS[format](year, month, day);
}

/** The headings of a file. */
export const headingsOf = (format: AccountingFormat, kind: AccountingKind): string[] =>
  format.columns[kind].map(([heading]) => heading);

/** The rows of a document. */
export const toRows = (
  format: AccountingFormat,
  document: AccountingDocument,
  dates: DateFormat,
): AccountingCell[][] =>
  document.lines.map((line) => {
    const source = { document, line, date: (day: string) => dateText(day, dates) };
    return format.columns[document.kind].map(([, cell]) => oneLine(cell(source)));
  });
