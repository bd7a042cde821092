import { toCurrency } from "../domain/currencies.ts";
import { refused } from "../errors.ts";
import { fromUnix } from "../wire.ts";
import type { FormValue } from "./form.ts";
import { type Node, unknownParameter } from "./schema-node.ts";

type ReadScalar = (node: Node, value: FormValue, param: string) => unknown;

const LAST_SECOND = 253_402_300_799; // the end of the year 9999
const MAX_METADATA_KEYS = 50;
const MAX_METADATA_KEY = 40;
const MAX_METADATA_VALUE = 500;
const BOUNDS = ["gt", "gte", "lt", "lte"];

/** A lone surrogate has no UTF-8 form, so no database can keep it. */
function readText(value: FormValue, param: string): string {
  if (typeof value !== "string") throw refused("invalid_argument", "Invalid string: {}", param);
  if (!value.isWellFormed()) throw refused("invalid_argument", "Invalid string", param);
  return value;
}

const invalidInteger = (value: string, param: string) =>
  refused("parameter_invalid_integer", `Invalid integer: ${value.slice(0, 100)}`, param);

function readInteger(node: Node, value: FormValue, param: string): number {
  const text = readText(value, param);
  if (!/^-?\d{1,15}$/.test(text)) throw invalidInteger(text, param);
  const number = Number(text);
  const { minimum = number, maximum = number } = node;
  if (number < minimum) {
    throw refused(
      "parameter_invalid_integer",
      `This value must be greater than or equal to ${minimum}.`,
      param,
    );
  }
  if (number > maximum) {
    throw refused(
      "parameter_invalid_integer",
      `This value must be less than or equal to ${maximum} (it currently is '${number}').`,
      param,
    );
  }
  return number;
}

function readMinorUnits(node: Node, value: FormValue, param: string): bigint {
  const text = readText(value, param);
  if (!/^-?\d{1,15}$/.test(text)) throw invalidInteger(text, param);
  const amount = BigInt(text);
  if (node.minimum !== undefined && amount < BigInt(node.minimum)) {
    throw refused(
      "parameter_invalid_integer",
      `This value must be greater than or equal to ${node.minimum}.`,
      param,
    );
  }
  return amount;
}

const readTime: ReadScalar = (_node, value, param) =>
  fromUnix(readInteger({ minimum: 0, maximum: LAST_SECOND }, value, param));

const readTimeOrNow: ReadScalar = (node, value, param) =>
  value === "now" ? "now" : readTime(node, value, param);

function readDecimal(_node: Node, value: FormValue, param: string): string {
  const text = readText(value, param);
  if (!/^-?\d{1,15}(\.\d{1,12})?$/.test(text)) {
    throw refused(
      "parameter_invalid_decimal",
      `Invalid decimal: ${text.slice(0, 100)}; must have at most 15 digits before and 12 after the point`,
      param,
    );
  }
  return text;
}

function readString(node: Node, value: FormValue, param: string): string {
  const text = readText(value, param);
  const { maxLength = text.length } = node;
  if (text.length > maxLength) {
    throw refused(
      "parameter_invalid_string_too_long",
      `Invalid string: ${text.slice(0, 20)}...; must be at most ${maxLength} characters`,
      param,
    );
  }
  return text;
}

function readPattern(node: Node, value: FormValue, param: string): string {
  const text = readText(value, param);
  if (!new RegExp(node.pattern ?? "", "u").test(text)) {
    throw refused("invalid_argument", `Invalid ${param}: must be ${node.what}`, param);
  }
  return text;
}

function readChoice(node: Node, value: FormValue, param: string): string {
  const text = readText(value, param);
  const choices = node.enum ?? [];
  if (!choices.includes(text)) {
    throw refused(
      "invalid_argument",
      `Invalid ${param}: must be one of ${choices.join(", ")}`,
      param,
    );
  }
  return text;
}

/** A choice by itself, as older clients send it, or as the `type` of a hash. */
function readTypedChoice(node: Node, value: FormValue, param: string): string {
  if (typeof value === "string") return readChoice(node, value, param);
  for (const name of value.keys()) {
    if (name !== "type") throw unknownParameter(`${param}[${name}]`);
  }
  return readChoice(node, value.get("type") ?? "", `${param}[type]`);
}

function readFlag(_node: Node, value: FormValue, param: string): boolean {
  if (value === "true") return true;
  if (value === "false") return false;
  throw refused(
    "invalid_argument",
    `Invalid boolean: ${readText(value, param).slice(0, 100)}`,
    param,
  );
}

/** Stripe docs: Metadata (50 keys of 40 characters, values of 500). */
function readMetadata(_node: Node, value: FormValue, param: string): Record<string, string> | null {
  if (value === "") return null;
  if (!(value instanceof Map)) throw refused("invalid_argument", "Invalid hash", param);
  if (value.size > MAX_METADATA_KEYS) {
    throw refused("invalid_argument", `Metadata can have up to ${MAX_METADATA_KEYS} keys`, param);
  }
  const entries = [...value].map(([key, inner]): [string, string] => {
    const text = readText(inner, `${param}[${key}]`);
    if (key.length > MAX_METADATA_KEY || text.length > MAX_METADATA_VALUE || !key.isWellFormed()) {
      throw refused(
        "invalid_argument",
        `Metadata keys can have up to ${MAX_METADATA_KEY} characters, values up to ${MAX_METADATA_VALUE}`,
        `${param}[${key.slice(0, MAX_METADATA_KEY)}]`,
      );
    }
    return [key, text];
  });
  return Object.fromEntries(entries);
}

function readRange(node: Node, value: FormValue, param: string): Record<string, string> {
  if (typeof value === "string") {
    const at = String(readTime(node, value, param));
    return { gte: at, lte: at };
  }
  const bounds: Record<string, string> = {};
  for (const [name, bound] of value) {
    if (!BOUNDS.includes(name)) throw unknownParameter(`${param}[${name}]`);
    bounds[name] = String(readTime(node, bound, `${param}[${name}]`));
  }
  return bounds;
}

/** How to read a value, by the `format` of its schema, else its `type`. */
export const SCALARS: Readonly<Record<string, ReadScalar>> = {
  "minor-units": readMinorUnits,
  "unix-time": readTime,
  "unix-time-or-now": readTimeOrNow,
  decimal: readDecimal,
  currency: (_node, value, param) => toCurrency(readText(value, param), param),
  metadata: readMetadata,
  pattern: readPattern,
  range: readRange,
  integer: readInteger,
  boolean: readFlag,
  string: readString,
  enum: readChoice,
  "typed-choice": readTypedChoice,
};
