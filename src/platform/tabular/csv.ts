import type { Cell, Column, Row } from "./column.ts";

const NEEDS_QUOTES = /[",\r\n]/;

/** RFC 4180. Nothing is an empty field, an empty text a quoted one. */
function toField(cell: Cell): string {
  if (cell === null) return "";
  const text = String(cell);
  return text === "" || NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The first line of a file. */
export const csvHeader = (columns: readonly Column[]): string =>
  `${columns.map(({ name }) => toField(name)).join(",")}\r\n`;

/** The lines of some rows. */
export const toCsv = (rows: readonly Row[]): string =>
  rows.map((row) => `${row.map(toField).join(",")}\r\n`).join("");
