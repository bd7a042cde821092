import { getCreditType } from "../../domain/credit-type.ts";

/** A currency as replies name it. Throws RangeError for an id that is none. */
export function toCreditTypeView(id: string): { id: string; name: string } {
  const { name } = getCreditType(id);
  return { id, name };
}
