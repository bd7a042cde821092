import { findCreditTypeOfCurrency } from "../domain/credit-type.ts";
import { type Decimal, dec } from "../domain/decimal.ts";
import { invalid, unsupported } from "../errors.ts";
import type { ProviderConnection } from "./provider-connection.ts";

/** What a default may depend on. */
export type SettingScope = Pick<ProviderConnection, "environment" | "builtIn">;

/** One account-wide setting of a provider. */
export interface SettingField {
  /** JSON Schema, for the API's description. */
  readonly schema: Readonly<Record<string, unknown>>;
  readonly initial: (scope: SettingScope) => unknown;
  /** The value as it is stored, what it should have been, or that we know it and do not do it. */
  readonly read: (
    value: unknown,
  ) =>
    | { readonly value: unknown }
    | { readonly expected: string }
    | { readonly unsupported: string };
}

/** A provider's settings by their name on the wire. */
export type SettingFields = Readonly<Record<string, SettingField>>;

export type Settings = Readonly<Record<string, unknown>>;

export const flagSetting = (initial: boolean): SettingField => ({
  schema: { type: "boolean", default: initial },
  initial: () => initial,
  read: (value) => (typeof value === "boolean" ? { value } : { expected: "true or false" }),
});

export const integerSetting = (
  { minimum, maximum }: { readonly minimum: number; readonly maximum: number },
  initial: SettingField["initial"],
): SettingField => ({
  schema: { type: "integer", minimum, maximum },
  initial,
  read: (value) =>
    Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum
      ? { value }
      : { expected: `a whole number from ${minimum} to ${maximum}` },
});

/** One of `values`, in any case; the first is the initial one. */
export const choiceSetting = <const T extends string>(
  values: readonly [T, ...T[]],
): SettingField => ({
  schema: { type: "string", anyCaseEnum: values, default: values[0] },
  initial: () => values[0],
  read(given) {
    const value =
      typeof given === "string" ? values.find((each) => each === given.toLowerCase()) : undefined;
    return value === undefined ? { expected: `one of ${values.join(", ")}` } : { value };
  },
});

/**
 * Currency code to decimal, initially empty; a currency that we do not bill in would never apply. `readOne`
 * answers the decimal as text, or undefined when it cannot be.
 */
export const byCurrencySetting = (
  expected: string,
  readOne: (given: Decimal) => string | undefined,
): SettingField => ({
  schema: { type: "object", additionalProperties: { type: ["number", "string"] }, default: {} },
  initial: () => ({}),
  read(given) {
    if (typeof given !== "object" || given === null || Array.isArray(given)) return { expected };
    const value: Record<string, string> = {};
    for (const [code, each] of Object.entries(given)) {
      const text = isDecimalText(String(each)) ? readOne(dec(String(each))) : undefined;
      const upper = code.toUpperCase();
      if (text === undefined || findCreditTypeOfCurrency(upper) === undefined) return { expected };
      value[upper] = text;
    }
    return { value };
  },
});

const isDecimalText = (text: string): boolean =>
  /^-?\d+(?:\.\d+)?(?:[eE][-+]?\d{1,2})?$/.test(text);

export const textSetting = ({ max }: { readonly max: number }): SettingField => ({
  schema: { type: "string", minLength: 1, maxLength: max, default: null },
  initial: () => null,
  read: (value) =>
    typeof value === "string" &&
    value.trim() !== "" &&
    value.length <= max &&
    value.isWellFormed() &&
    !value.includes("\0")
      ? { value }
      : { expected: `text of 1 to ${max} characters` },
});

/**
 * What is stored after a change: the settings that were set, checked; null sets one back to its
 * initial value. Throws invalid or unsupported, naming the field behind `prefix`.
 */
export function readSettings(
  fields: SettingFields,
  changes: Settings,
  stored: Settings,
  prefix = "",
): Settings {
  const settings = { ...stored };
  for (const [name, given] of Object.entries(changes)) {
    const field = `${prefix}${name}`;
    const rule = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (rule === undefined) throw invalid(`unknown field ${field}`, field);
    if (given === null) {
      delete settings[name];
      continue;
    }
    const read = rule.read(given);
    if ("expected" in read) throw invalid(`${field} must be ${read.expected}`, field);
    if ("unsupported" in read) throw unsupported(`${field} ${read.unsupported}`);
    settings[name] = read.value;
  }
  return settings;
}

/** Every setting with the value that holds. */
export const effectiveSettings = (
  fields: SettingFields,
  { environment, builtIn, settings }: SettingScope & { readonly settings: Settings },
): Settings =>
  Object.fromEntries(
    Object.entries(fields).map(([name, { initial }]) => [
      name,
      settings[name] ?? initial({ environment, builtIn }),
    ]),
  );

/** JSON Schema of a change of settings: each may be left out, or null to set it back. */
export const settingsSchema = (fields: SettingFields) => ({
  type: "object",
  additionalProperties: false,
  properties: Object.fromEntries(
    Object.entries(fields).map(([name, { schema }]) => [
      name,
      { ...schema, type: [schema.type, "null"].flat() },
    ]),
  ),
});
