import { type Static, type TObject, type TSchema, Type } from "typebox";
import type { ContractChange } from "../../operations/edit-contract.ts";

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
