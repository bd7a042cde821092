import { type Decimal, dec } from "../domain/decimal.ts";
import { type Instant, instant } from "../domain/time.ts";
import type { TableRow } from "./read-table.ts";

/** A row that cannot be read; the message names the row and says what was expected. */
export class RowError extends Error {
  override readonly name = "RowError";
}

/** A part of a file that cannot be imported: its rows, what the file calls it, and why. */
export interface Refusal {
  readonly rows: readonly number[];
  readonly key: string;
  readonly reason: string;
}

/** The text of a cell; undefined where it is empty or has no column. */
export function findCell({ cells }: TableRow, column: string): string | undefined {
  const text = cells[column];
  return text === "" ? undefined : text;
}

/** As findCell. Throws RowError where there is nothing. */
export function getCell(row: TableRow, column: string): string {
  const text = findCell(row, column);
  if (text === undefined) throw new RowError(`row ${row.number}: ${column} is empty`);
  return text;
}

const HAS_ZONE = /(Z|[+-]\d\d:?\d\d)$/i;

/** "2024-06-01", "2024-06-01 12:00" or RFC 3339; without a zone it is UTC. Throws RowError. */
export function toInstant({ number, cells }: TableRow, column: string): Instant {
  const text = cells[column] ?? "";
  const withTime = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text.replace(" ", "T");
  try {
    return instant(HAS_ZONE.test(withTime) ? withTime : `${withTime}Z`);
  } catch {
    throw new RowError(`row ${number}: ${column} is "${text}", not a date such as 2024-06-01`);
  }
}

/** As toInstant, on the full hour. Throws RowError. */
export function toHour(row: TableRow, column: string): Instant {
  const at = toInstant(row, column);
  if (at.epochMilliseconds % 3_600_000 === 0) return at;
  throw new RowError(`row ${row.number}: ${column} must be on the hour`);
}

/** A number with all its digits. Throws RowError. */
export function toDecimal({ number, cells }: TableRow, column: string): Decimal {
  const text = cells[column] ?? "";
  if (/^-?\d{1,18}(\.\d{1,12})?$/.test(text)) return dec(text);
  throw new RowError(`row ${number}: ${column} is "${text}", not a number such as 12.5`);
}

/** Refuses rows of one thing that do not say the same of it. Throws RowError. */
export function checkAlike(
  rows: readonly [TableRow, ...TableRow[]],
  columns: readonly string[],
  thing: string,
): void {
  const [first] = rows;
  for (const row of rows) {
    const other = columns.find(
      (column) => (row.cells[column] ?? "") !== (first.cells[column] ?? ""),
    );
    if (other === undefined) continue;
    throw new RowError(
      `row ${row.number}: ${other} is "${row.cells[other] ?? ""}", in row ${first.number} of the same ${thing} it is "${first.cells[other] ?? ""}"`,
    );
  }
}
