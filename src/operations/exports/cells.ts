import { type Decimal, toText } from "../../domain/decimal.ts";
import { type Instant, instantText } from "../../domain/time.ts";
import type { Cell, Column, Row } from "../../platform/tabular/column.ts";

export type Cells = Readonly<Record<string, Cell>>;

export const decimalCell = (value: Decimal | null | undefined): string | null =>
  value ? toText(value) : null;
export const instantCell = (value: Instant | null): string | null => value && instantText(value);
export const jsonCell = (value: unknown): string | null =>
  value === null || value === undefined ? null : JSON.stringify(value);

/** The cells of a row as its columns are ordered; what is absent is nothing. */
export const inOrder = (columns: readonly Column[], cells: Cells): Row =>
  columns.map(({ name }) => cells[name] ?? null);

/** What is there of some fields: JSON has no nulls where the API has nothing. */
export const present = (fields: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => (value ?? null) !== null));
