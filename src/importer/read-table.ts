import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { type FileObject, parseObjects } from "./parse-objects.ts";

/** A row of a file: its cells by column, and its place. */
export interface TableRow {
  /** The line of the file that it ends on, as editors count: 1 is a CSV header's. */
  readonly number: number;
  readonly cells: Readonly<Record<string, string>>;
}

/** A file as it is, before it is known what it is about. */
export interface Table {
  readonly path: string;
  /** The columns of a CSV file; of JSON lines the keys of the first object. */
  readonly header: readonly string[];
  readonly rows: readonly TableRow[];
}

/** What a table may say. */
export interface Columns {
  readonly needed: readonly string[];
  readonly optional: readonly string[];
  /** Columns that begin like this carry a name of their own: "pricing.region". */
  readonly prefixes?: readonly string[];
}

/** A file that cannot be read; the message names it and says what was expected. */
export class ImportFileError extends Error {
  override readonly name = "ImportFileError";
}

/** What the parser says of a record when it is asked for `info`. */
interface Parsed {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

const OPTIONS = { bom: true, trim: true, skip_empty_lines: true, info: true } as const;
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Opens a CSV file with a header. Throws ImportFileError. */
export const openCsv = (path: string): Table => open(path, fromCsv);

/** Opens JSON lines where the name ends in .jsonl, else CSV with a header. Throws ImportFileError. */
export const openTable = (path: string): Table =>
  open(path, /\.(jsonl|ndjson)$/i.test(path) ? fromObjects : fromCsv);

function open(path: string, read: (path: string, text: string) => Table): Table {
  try {
    const text = utf8.decode(readFileSync(path));
    if (text.includes("\0")) throw new Error("it contains a NUL character");
    return read(path, text);
  } catch (error) {
    throw new ImportFileError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function fromCsv(path: string, text: string): Table {
  const [first, ...rows] = parse(text, OPTIONS) as unknown as Parsed[];
  const header = first?.record ?? [];
  const repeated = header.find((name, column) => header.indexOf(name) < column);
  if (repeated !== undefined) throw new Error(`the header has the column "${repeated}" twice`);
  return {
    path,
    header,
    rows: rows.map(({ record, info }) => ({
      number: info.lines,
      cells: Object.fromEntries(header.map((name, column) => [name, record[column] ?? ""])),
    })),
  };
}

function fromObjects(path: string, text: string): Table {
  const objects = parseObjects(text);
  const rows = objects.flatMap(({ number, rows: own }: FileObject) =>
    own.map((cells) => ({ number, cells })),
  );
  return { path, header: objects[0]?.keys ?? [], rows };
}

/** The rows of a table that has these columns and no others. Throws ImportFileError. */
export function checkColumns(
  { path, header, rows }: Table,
  { needed, optional, prefixes = [] }: Columns,
): readonly TableRow[] {
  const missing = needed.filter((name) => !header.includes(name));
  if (missing.length > 0) {
    throw new ImportFileError(`${path}: the header has no column ${missing.join(", ")}`);
  }
  const isKnown = (name: string) =>
    needed.includes(name) ||
    optional.includes(name) ||
    prefixes.some((prefix) => name.startsWith(prefix) && name.length > prefix.length);
  const used = new Set([...header, ...rows.flatMap(({ cells }) => Object.keys(cells))]);
  const unknown = [...used].find((name) => !isKnown(name));
  if (unknown !== undefined) {
    throw new ImportFileError(
      `${path}: the column "${unknown}" is not known; there are ${[...needed, ...optional, ...prefixes.map((prefix) => `${prefix}KEY`)].join(", ")}`,
    );
  }
  return rows;
}
