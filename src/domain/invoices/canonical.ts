import { createHash } from "node:crypto";
import { isDecimal, toText } from "../decimal.ts";
import { instantText, Temporal } from "../time.ts";

/**
 * The one text of a value: object keys sorted, decimals and integers as text without exponent or
 * trailing zeros, instants as UTC text, no white space. Keys whose value is undefined are left out,
 * so an absent key and an undefined one are the same; null is kept. Equal values give equal bytes.
 */
export function canonicalText(value: unknown): string {
  return JSON.stringify(toPlain(value));
}

/** SHA-256 of the canonical text, in lower-case hex. Freezes a finalized invoice. */
export const contentHash = (value: unknown): string =>
  createHash("sha256").update(canonicalText(value)).digest("hex");

type Plain = null | string | boolean | number | Plain[] | { [key: string]: Plain };

/** A value as JSON can hold it, in canonical form. Throws on what has no such form. */
export function toPlain(value: unknown): Plain {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number" && Number.isSafeInteger(value)) return value;
  if (value instanceof Temporal.Instant) return instantText(value);
  if (value instanceof Date) throw new TypeError("Dates have no canonical form, instants do");
  if (isDecimal(value)) return toText(value);
  if (Array.isArray(value)) return value.map(toPlain);
  if (typeof value === "object") return toPlainObject(value);
  throw new TypeError(`${String(value)} has no canonical form`);
}

function toPlainObject(value: object): { [key: string]: Plain } {
  const items = value as Readonly<Record<string, unknown>>;
  const keys = Object.keys(items).filter((key) => items[key] !== undefined);
  return Object.fromEntries(keys.sort().map((key) => [key, toPlain(items[key])]));
}
