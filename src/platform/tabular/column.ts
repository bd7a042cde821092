/**
 * What a column holds. A decimal is plain decimal text everywhere, so that no digit is lost; an instant
 * is ISO text in UTC and counts to the microsecond; json is JSON text.
 */
export type ColumnType = "text" | "decimal" | "instant" | "date" | "boolean" | "integer" | "json";

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

export type Cell = string | number | bigint | boolean | null;

/** One cell for each column, in their order. */
export type Row = readonly Cell[];

/** How many characters of text some rows have: what they take of memory, nearly. */
export function lengthOfRows(rows: readonly Row[]): number {
  let length = 0;
  for (const row of rows) {
    for (const cell of row) if (typeof cell === "string") length += cell.length;
  }
  return length;
}
