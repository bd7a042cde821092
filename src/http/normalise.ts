import { type Decimal, dec, toText } from "../domain/decimal.ts";
import { instant, instantText } from "../domain/time.ts";
import type { DecimalRule } from "./schemas/fields.ts";

type Normalised = string | { problem: string };

const DECIMAL_PATTERN = /^-?\d{1,60}(\.\d{1,60})?([eE][+-]?\d{1,3})?$/;
const MAX_INTEGER_DIGITS = 18;
const MAX_FRACTION_DIGITS = 18;

function readDecimal(value: unknown): Decimal | undefined {
  const text = typeof value === "number" ? String(value) : value;
  return typeof text === "string" && DECIMAL_PATTERN.test(text) ? dec(text) : undefined;
}

/** Number or decimal text -> plain decimal text, at most 18 digits on either side of the point. */
export function normaliseDecimal(value: unknown, rule: DecimalRule): Normalised {
  const number = readDecimal(value);
  if (number === undefined) return { problem: "must be a decimal number" };
  if (number.e >= MAX_INTEGER_DIGITS || number.c.length - number.e - 1 > MAX_FRACTION_DIGITS) {
    return { problem: "must have at most 18 digits before and 18 after the decimal point" };
  }
  if (rule.minimum !== undefined && number.lt(dec(rule.minimum))) {
    return { problem: `must be at least ${rule.minimum}` };
  }
  if (rule.maximum !== undefined && number.gt(dec(rule.maximum))) {
    return { problem: `must be at most ${rule.maximum}` };
  }
  return toText(number);
}

const RFC3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/;

/** Years that every part of the product, the database included, can hold and count with. */
const FIRST_YEAR = 1900;
const LAST_YEAR = 9998;

/** RFC 3339 -> canonical UTC text. */
export function normaliseInstant(value: unknown, rule: { onHour?: boolean }): Normalised {
  const problem = { problem: "must be an RFC 3339 instant such as 2024-01-31T00:00:00Z" };
  if (typeof value !== "string" || !RFC3339.test(value)) return problem;
  try {
    const at = instant(value.replace(" ", "T"));
    const year = Number(value.slice(0, 4));
    if (year < FIRST_YEAR || year > LAST_YEAR) {
      return { problem: `must be in the years ${FIRST_YEAR} to ${LAST_YEAR}` };
    }
    if (rule.onHour && at.epochMilliseconds % 3_600_000 !== 0) {
      return { problem: "must be on the hour" };
    }
    const text = instantText(at);
    if (rule.onHour && !text.endsWith(":00:00Z")) return { problem: "must be on the hour" };
    return text;
  } catch {
    return problem;
  }
}

/** Any case -> the declared spelling. */
export function normaliseEnum(value: unknown, values: readonly string[]): Normalised {
  const found =
    typeof value === "string"
      ? values.find((candidate) => candidate.toUpperCase() === value.toUpperCase())
      : undefined;
  return found ?? { problem: `must be one of ${values.join(", ")}` };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** A uuid in lower case. */
export const normaliseUuid = (value: unknown): Normalised =>
  typeof value === "string" && UUID.test(value)
    ? value.toLowerCase()
    : { problem: "must be a uuid" };

/** Text that the database can hold: well-formed Unicode, no NUL. */
export const isCleanText = (value: unknown): boolean =>
  typeof value === "string" && value.isWellFormed() && !value.includes("\0");
