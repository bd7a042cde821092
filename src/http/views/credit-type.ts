import { findCreditType } from "../../domain/credit-type.ts";

/** What the pricing units of an environment are called, by id. */
export type UnitNames = ReadonlyMap<string, string>;

const NO_UNITS: UnitNames = new Map();

/**
 * A credit type as replies name it. Amounts that can only be in currencies need no `units`. Throws
 * RangeError for an id that is neither a currency nor among the units.
 */
export function toCreditTypeView(id: string, units: UnitNames = NO_UNITS) {
  const name = findCreditType(id)?.name ?? units.get(id);
  if (name === undefined) throw new RangeError(`No credit type ${id}`);
  return { id, name };
}
