import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";

/** A row of a file: its cells by column, and its place. */
export interface TableRow {
  /** The line of the file that it ends on, as editors count: 1 is the header's. */
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

/** What the parser says of a record when it is asked for `info`. */
interface Parsed {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

const OPTIONS = { bom: true, trim: true, skip_empty_lines: true, info: true } as const;

/** Reads a CSV file with a header. Throws ImportFileError. */
export function readTable(path: string, { needed, optional, prefixes = [] }: Columns): TableRow[] {
  let records: Parsed[];
  try {
    records = parse(readFileSync(path, "utf8"), OPTIONS) as unknown as Parsed[];
  } catch (error) {
    throw new ImportFileError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const [first, ...rows] = records;
  const header = first?.record ?? [];
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
  return rows.map(({ record, info }) => ({
    number: info.lines,
    cells: Object.fromEntries(header.map((name, column) => [name, record[column] ?? ""])),
  }));
}
