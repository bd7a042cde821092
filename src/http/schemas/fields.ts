import { type TSchema, type TUnsafe, Type } from "typebox";

/**
 * The kinds of field that our surfaces speak. Each is a JSON Schema with one keyword of ours, which
 * validation.ts checks and normalises: after validation an instant is canonical UTC text, a decimal
 * is plain decimal text, an enum value is in upper case, an id in lower case.
 */

export interface DecimalRule {
  readonly minimum?: string;
  readonly maximum?: string;
}

/** An exact decimal: a JSON number or its text. Arrives as plain decimal text. */
export const DecimalField = (rule: DecimalRule = {}): TUnsafe<string> =>
  Type.Unsafe<string>({ type: ["number", "string"], decimal: rule });

/** RFC 3339 instant; `onHour` where the contract's times have hours as their finest grain. */
export const InstantField = (rule: { onHour?: boolean } = {}): TUnsafe<string> =>
  Type.Unsafe<string>({ type: "string", instant: rule });

/** One of `values`, in any case; arrives in upper case. */
export const EnumField = <const T extends string>(values: readonly T[]): TUnsafe<T> =>
  Type.Unsafe<T>({ type: "string", anyCaseEnum: values });

/** A uuid; arrives in lower case. */
export const IdField = (): TUnsafe<string> => Type.Unsafe<string>({ type: "string", uuid: true });

/** Text without lone surrogates or NUL; at least one character unless `min` says otherwise. */
export const TextField = ({ min = 1, max = 1024 }: { min?: number; max?: number } = {}) =>
  Type.Unsafe<string>({ type: "string", minLength: min, maxLength: max, cleanText: true });

/** Comma-joined values in a query string; arrives as one text. Split it with `splitList`. */
export const ListField = (): TUnsafe<string> => TextField({ max: 8192 });

/** The values of a ListField; absent or empty text has none. */
export const splitList = (text: string | undefined): string[] =>
  (text ?? "").split(",").filter((value) => value !== "");

/** Custom field values as they are set with an object: key to value. */
export const CustomFieldsField = () =>
  Type.Record(Type.String({ minLength: 1, maxLength: 200 }), TextField({ min: 0, max: 200 }));

export interface ObjectRule {
  /**
   * Fields that the matched API knows and we do not do, each with its documented default: null and
   * that default pass, anything else is refused by name.
   */
  readonly unsupported?: Readonly<Record<string, unknown>>;
}

/** An object that refuses unknown fields by name. */
export const ObjectField = <Properties extends Record<string, TSchema>>(
  properties: Properties,
  { unsupported = {} }: ObjectRule = {},
) => Type.Object(properties, { additionalProperties: false, unsupportedFields: unsupported });

/** `limit` and `next_page` of the paged lists. */
export const pageQuery = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  next_page: Type.Optional(TextField({ max: 512 })),
};
