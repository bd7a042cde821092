import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";

/** A row of a file: its cells by column, and its place. */
export interface TableRow {
  /** 1 for the header, so 2 for the first row after it: as editors count. */
  readonly number: number;
  readonly cells: Readonly<Record<string, string>>;
}

/** A file that cannot be read; the message names it and says what was expected. */
export class ImportFileError extends Error {
  override readonly name = "ImportFileError";
}

interface Columns {
  readonly needed: readonly string[];
  readonly optional: readonly string[];
  /** Columns that begin like this carry a name of their own: "pricing.region". */
  readonly prefixes?: readonly string[];
}

/** Reads a CSV file with a header. Throws ImportFileError. */
export function readTable(path: string, { needed, optional, prefixes = [] }: Columns): TableRow[] {
  let records: string[][];
  try {
    const text = readFileSync(path, "utf8");
    records = parse(text, { bom: true, trim: true, skip_empty_lines: true }) as string[][];
  } catch (error) {
    throw new ImportFileError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const [header = [], ...rows] = records;
  const missing = needed.filter((name) => !header.includes(name));
  if (missing.length > 0) {
    throw new ImportFileError(`${path}: the header has no column ${missing.join(", ")}`);
  }
  const isKnown = (name: string) =>
    needed.includes(name) ||
    optional.includes(name) ||
    prefixes.some((prefix) => name.startsWith(prefix) && name.length > prefix.length);
  const unknown = header.find((name) => !isKnown(name));
  if (unknown !== undefined) {
    throw new ImportFileError(
      `${path}: the column "${unknown}" is not known; there are ${[...needed, ...optional, ...prefixes.map((prefix) => `${prefix}KEY`)].join(", ")}`,
    );
  }
  return rows.map((row, index) => ({
    number: index + 2,
    cells: Object.fromEntries(header.map((name, column) => [name, row[column] ?? ""])),
  }));
}
