import type { ColumnType, Generated } from "kysely";

/** timestamptz: canonical ISO text in UTC, both ways. */
export type InstantColumn = string;
/** timestamptz filled by the database when it is left out. */
export type DefaultedInstant = ColumnType<string, string | undefined, string>;
/** numeric: exact decimal text, both ways. */
export type NumericColumn = string;
/** jsonb: read parsed, written as JSON text. Money inside is text, never a number. */
export type Json<T> = ColumnType<T, string, string>;
/** jsonb with a default: may be left out. */
export type DefaultedJson<T> = ColumnType<T, string | undefined, string>;
export type NullableJson<T> = ColumnType<T | null, string | null | undefined, string | null>;
/** bigint identity that keeps the order of creation. */
export type Position = ColumnType<bigint, never, never>;
export type { Generated };
