import { invalid } from "../errors.ts";
import { normaliseUuid } from "./normalise.ts";
import { splitList } from "./schemas/fields.ts";

/** Comma-joined uuids of a query parameter, in lower case. Throws invalid, naming the parameter. */
export const readIds = (text: string | undefined, name: string): string[] =>
  splitList(text).map((value) => {
    const id = normaliseUuid(value);
    if (typeof id !== "string") throw invalid(`${name} must be comma-separated uuids`, name);
    return id;
  });
