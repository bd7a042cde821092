import { type Decimal, toText } from "../../domain/decimal.ts";
import { isFormula } from "../../domain/spreadsheet-text.ts";

export type Cell = string | Decimal | number | null;

function cellText(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  if (typeof cell !== "string") return toText(cell);
  const text = isFormula(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Rows of RFC 4180. Text that a spreadsheet would take for a formula gets an apostrophe. */
export const writeRows = (rows: readonly (readonly Cell[])[]): string =>
  rows.map((row) => `${row.map(cellText).join(",")}\r\n`).join("");
