import type { Column, Row } from "../tabular/column.ts";

/** A table as a place is told of it. The first columns in `key` name a row. */
export interface PlacedTable {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly key: readonly string[];
  /** Of a snapshot: its rows take the place of all that have this value, where a place can replace rows. */
  readonly replaces: { readonly column: string; readonly value: string } | undefined;
}

export interface WrittenPart {
  readonly path: string;
  readonly rows: number;
  /** null: the place keeps rows and no files. */
  readonly bytes: number | null;
  readonly sha256: string | null;
}

/**
 * Somewhere outside that takes tables in parts. Every call may come twice, after a death of the process,
 * and must then leave what one call leaves; a part is there whole or not at all.
 */
export interface Place {
  /** Before the first part of a table. */
  beginTable(table: PlacedTable): Promise<void>;
  /** Writes one part, named without the ending of its format. undefined: there were no rows. */
  writePart(
    table: PlacedTable,
    path: string,
    pages: AsyncIterable<readonly Row[]>,
  ): Promise<WrittenPart | undefined>;
  /** After the last part of a table. */
  endTable(table: PlacedTable): Promise<void>;
  /** Says last what a run wrote; answers where. */
  writeManifest(path: string, manifest: Readonly<Record<string, unknown>>): Promise<string>;
  close(): Promise<void>;
}
