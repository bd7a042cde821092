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
