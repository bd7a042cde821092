import { type Static, type TObject, type TSchema, Type } from "typebox";
import { dec } from "../../domain/decimal.ts";
import type { ContractChange } from "../../operations/edit-contract.ts";
import { IdField, ObjectField } from "../schemas/fields.ts";

/**
 * One kind of change that the body of an edit can ask for: its fields, and what they come to. A part
 * that is not asked for is undefined.
 */
export interface EditPart {
  readonly fields: Readonly<Record<string, TSchema>>;
  readonly toChange: (body: never) => ContractChange | undefined;
}

interface TypedPart<Fields extends Record<string, TSchema>, Result> {
  readonly fields: Fields;
  readonly toChange: (body: Static<TObject<Fields>>) => ContractChange<Result> | undefined;
}

/** A part whose fields give its body its type. */
export const editPart = <Fields extends Record<string, TSchema>, Result>(
  part: TypedPart<Fields, Result>,
): EditPart => part;

const MAX_PARTS = 1000;

/** Any number of things to add, change or take away. */
export const many = <Item extends TSchema>(item: Item) =>
  Type.Optional(Type.Array(item, { maxItems: MAX_PARTS }));

/** Those of `details` that have these ids, in the order of the ids. */
export const pick = <Detail>(
  details: readonly Detail[],
  ids: readonly string[],
  idOf: (detail: Detail) => string,
): Detail[] => {
  const byId = new Map(details.map((detail) => [idOf(detail), detail]));
  return ids.map((id) => byId.get(id)).filter((detail) => detail !== undefined);
};

const NUMBERS: ReadonlySet<string> = new Set([
  "amount",
  "priority",
  "quantity",
  "quantity_delta",
  "rollover_fraction",
  "unit_price",
]);

/** What was asked for, as the history shows it: validated decimals, which are text, are numbers again. */
export function toRecord(asked: unknown): unknown {
  if (Array.isArray(asked)) return asked.map(toRecord);
  if (typeof asked !== "object" || asked === null) return asked;
  return toRecordedFields(asked);
}

/** As `toRecord`, of an object's fields. */
export const toRecordedFields = (asked: object): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(asked).map(([name, value]) => [name, toRecordedField(name, value)]),
  );

function toRecordedField(name: string, value: unknown): unknown {
  if (NUMBERS.has(name) && typeof value === "string") return dec(value);
  // Their names are the user's own and their values are text.
  return name.endsWith("_group_values") ? value : toRecord(value);
}

/** As `toRecord`, for changes of a thing that the request calls by `idField` and the history by id. */
export const toUpdateRecord = <Update extends Record<string, unknown>>(
  update: Update,
  idField: keyof Update & string,
) => {
  const { [idField]: id, ...rest } = update;
  return { id, ...toRecordedFields(rest) };
};

/** The body of what is taken away by its id. */
export const RemovalField = ObjectField({ id: IdField() });
