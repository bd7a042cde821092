import { dec, isDecimal, toText } from "../../domain/decimal.ts";
import { AppError } from "../../errors.ts";

const MAX_DEPTH = 32;
const utf8 = new TextDecoder("utf-8", { fatal: true });
/**
 * Numbers written like this may not survive as doubles; without one the plain parser is exact. The
 * anchor leaves digits inside of ids and dates out of it.
 */
const LONG_NUMBER = /(?:^|[[:,\s])-?\d(?:[\d.]{15,}|[\d.]*[eE][+-]?\d{2,})/;

const malformed = (reason: string): AppError =>
  new AppError("invalid", "malformed_json", `The body is not valid JSON: ${reason}`);

/** A number whose double is not the very decimal that was written becomes its text. */
function keepDigits(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== "number" || context?.source === undefined) return value;
  // Neither overflow nor underflow is kept as text: nobody's quantity is 1e400, and exact
  // arithmetic on such a number would write out its zeros.
  const vanished = value === 0 && /^-?[0.]*[1-9]/.test(context.source);
  if (!Number.isFinite(value) || vanished) throw malformed("a number is out of range");
  return dec(String(value)).eq(dec(context.source)) ? value : context.source;
}

/** Bounds the depth; looks into texts and names only where `checksText` says there may be a fault. */
function checkShape(value: unknown, depth: number, checksText: boolean): void {
  if (typeof value === "string") {
    if (checksText && !value.isWellFormed()) throw malformed("text contains a lone surrogate");
    return;
  }
  if (typeof value !== "object" || value === null) return;
  if (depth >= MAX_DEPTH) throw malformed(`nested deeper than ${MAX_DEPTH} levels`);
  if (Array.isArray(value)) {
    for (const inner of value) checkShape(inner, depth + 1, checksText);
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    if (checksText) checkName(key);
    if (checksText || typeof inner === "object") checkShape(inner, depth + 1, checksText);
  }
}

function checkName(key: string): void {
  if (key === "__proto__") throw malformed("__proto__ is not a field");
  if (!key.isWellFormed()) throw malformed("a field name contains a lone surrogate");
}

/** Well-formed text without escapes and without the name cannot hide a lone surrogate or the name. */
const mayHideFault = (text: string): boolean =>
  text.includes("\\u") || text.includes("__proto__") || !text.isWellFormed();

/**
 * Reads JSON without losing a digit: a number that a double cannot hold exactly arrives as its
 * text. Throws AppError (invalid) on anything that is not well-formed JSON in UTF-8.
 */
export function parseExact(bytes: Buffer | string): unknown {
  let text: string;
  let value: unknown;
  try {
    text = typeof bytes === "string" ? bytes : utf8.decode(bytes);
  } catch {
    throw malformed("it is not UTF-8");
  }
  try {
    value = LONG_NUMBER.test(text) ? JSON.parse(text, keepDigits as never) : JSON.parse(text);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw malformed(error instanceof Error ? error.message.slice(0, 200) : "unreadable");
  }
  checkShape(value, 0, mayHideFault(text));
  return value;
}

interface RawJson {
  rawJSON(text: string): unknown;
}

const raw = (text: string): unknown => (JSON as unknown as RawJson).rawJSON(text);

/** Decimals have a toJSON of their own, so the replacer must look at the holder's value. */
function writeNumber(this: unknown, key: string, value: unknown): unknown {
  const original: unknown = (this as Record<string, unknown>)[key];
  if (isDecimal(original)) return raw(toText(original));
  if (typeof value === "bigint") return raw(value.toString());
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new RangeError(`${key} is ${value}, which JSON cannot say`);
  }
  return value;
}

/** Writes JSON in which decimals and bigints are numbers with all their digits. */
export const writeExact = (value: unknown): string => JSON.stringify(value, writeNumber);

const toDecimal = (_key: string, value: unknown, context?: { source?: string }): unknown =>
  typeof value === "number" && context?.source !== undefined ? dec(context.source) : value;

/** Reads back what writeExact wrote: every number is a decimal with all its digits. */
export const readExact = (text: string): unknown => JSON.parse(text, toDecimal as never);
