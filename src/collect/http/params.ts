import Type, { type Static, type TProperties, type TSchema } from "typebox";
import type { CreatedRange } from "../store/page.ts";

/*
 * The vocabulary in which endpoints declare their parameters. A schema says both what a form value
 * may look like (read-params.ts turns its text into values) and what type the handler gets.
 * Everything is required unless wrapped in `optional`.
 */

/** The caller may leave it out; then the handler sees undefined. */
export const optional = <T extends TSchema>(schema: T) => Type.Optional(schema);

/** An empty value is allowed and means "unset": the handler gets null. */
export const unsettable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/** Text of at most `maxLength` characters. */
export const text = (maxLength = 5000) => Type.String({ maxLength });

/** Text that matches a pattern; `what` tells the caller what was expected. */
export const pattern = (pattern: RegExp, what: string) =>
  Type.Unsafe<string>({ type: "string", format: "pattern", pattern: pattern.source, what });

/** A non-empty id of another object; whether it exists is the handler's question. */
export const objectId = () => Type.String({ minLength: 1, maxLength: 255 });

/** The id of another object, or a hash that describes one. */
export const objectIdOr = <T extends TSchema>(described: T) => Type.Union([objectId(), described]);

/** One of these texts, exactly. */
export const choice = <const T extends readonly string[]>(...values: T) =>
  Type.Enum([...values] as T[number][]);

/** One of these texts, by itself or as the `type` of a hash. */
export const typedChoice = <const T extends readonly string[]>(...values: T) =>
  Type.Unsafe<T[number]>({ enum: [...values], format: "typed-choice" });

/** A whole number within bounds (JavaScript number: counts, days, limits). */
export const integer = (minimum: number, maximum: number) => Type.Integer({ minimum, maximum });

/** Minor units of a currency, as bigint. Negative values are allowed unless `minimum` says otherwise. */
export const amount = (options: { minimum?: number } = {}) =>
  Type.Unsafe<bigint>({ type: "integer", format: "minor-units", ...options });

/** Unix seconds, as the ISO instant text the rest of the code uses. */
export const timestamp = () => Type.Unsafe<string>({ type: "integer", format: "unix-time" });

/** Unix seconds as ISO instant text, or "now". */
export const timestampOrNow = () =>
  Type.Unsafe<string>({ type: "integer", format: "unix-time-or-now" });

/** A decimal of at most 12 decimals, as text: `dec(value)` reads it. */
export const decimal = () => Type.Unsafe<string>({ type: "string", format: "decimal" });

/** A three-letter currency code, lower-cased. */
export const currency = () => Type.Unsafe<string>({ type: "string", format: "currency" });

/** "true" or "false". */
export const flag = () => Type.Boolean();

/** An indexed or open list of at most `maxItems`. */
export const listOf = <T extends TSchema>(item: T, maxItems = 100) =>
  Type.Array(item, { maxItems });

/** A nested hash: `price_data[currency]=usd`. Unknown members are refused. */
export const hash = <P extends TProperties>(properties: P) =>
  Type.Object(properties, { additionalProperties: false });

/**
 * Metadata as sent. On update: null empties all of it, an empty value deletes one key
 * (`mergeMetadata` applies that).
 */
export const metadata = () =>
  Type.Unsafe<Readonly<Record<string, string>> | null>({
    type: "object",
    format: "metadata",
  });

/** `created=1` or `created[gte]=1`: bounds in ISO instants. */
export const range = () => Type.Unsafe<CreatedRange>({ type: "object", format: "range" });

/** The parameters that every list takes (Stripe docs: Pagination). */
export const paging = {
  limit: optional(integer(1, 100)),
  starting_after: optional(objectId()),
  ending_before: optional(objectId()),
};

export type ParamsOf<P extends TProperties> = Static<Type.TObject<P>>;
