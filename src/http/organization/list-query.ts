import { Type } from "typebox";
import { invalid } from "../../errors.ts";
import { isCleanText, normaliseUuid } from "../normalise.ts";
import { splitList } from "../schemas/fields.ts";

const MAX_VALUES = 200;

/** Several values in a query string, joined by commas or as a parameter that is repeated. */
export const ManyField = () =>
  Type.Unsafe<string | string[]>({
    type: ["string", "array"],
    maxLength: 8192,
    items: { type: "string", maxLength: 8192 },
  });

/** The values of a ManyField. Throws invalid, naming the parameter. */
export function readMany(given: string | string[] | undefined, name: string): string[] {
  const values = [given ?? []].flat().flatMap(splitList);
  if (values.length > MAX_VALUES) throw invalid(`${name} takes at most ${MAX_VALUES} values`, name);
  if (!values.every(isCleanText)) throw invalid(`${name} must be clean text`, name);
  return values;
}

/** As readMany, of uuids; they come in lower case. */
export const readManyIds = (given: string | string[] | undefined, name: string): string[] =>
  readMany(given, name).map((value) => {
    const id = normaliseUuid(value);
    if (typeof id !== "string") throw invalid(`${name} must be uuids`, name);
    return id;
  });
