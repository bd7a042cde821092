/** How a field is compared: equal, begins with, greater, less, at least, at most. */
export const SEARCH_OPERATORS = [">=", "<=", ":", "~", ">", "<"] as const;
export type SearchOperator = (typeof SEARCH_OPERATORS)[number];

export interface SearchTerm<Field extends string = string> {
  readonly field: Field;
  readonly operator: SearchOperator;
  readonly value: string;
}

const TERM = /^([A-Za-z]+)(>=|<=|:|~|>|<)(.*)$/s;

/**
 * Reads `field>value$field:value` (m3ter API: "Search Accounts"): terms are parted by `$`, and all of
 * them must hold. Answers the terms, or what is wrong with the text.
 */
export function readSearchQuery<const Field extends string>(
  text: string,
  fields: readonly Field[],
): { readonly terms: readonly SearchTerm<Field>[] } | { readonly problem: string } {
  const terms: SearchTerm<Field>[] = [];
  for (const part of text.split("$").filter((each) => each !== "")) {
    const [, name, operator, value] = TERM.exec(part) ?? [];
    if (name === undefined || operator === undefined || value === undefined || value === "") {
      return { problem: `${JSON.stringify(part)} is not of the form field:value` };
    }
    const field = fields.find((each) => each === name);
    if (field === undefined) {
      return { problem: `${name} is not a field to search by: ${fields.join(", ")}` };
    }
    terms.push({ field, operator: operator as SearchOperator, value });
  }
  return terms.length === 0 ? { problem: "it has no term of the form field:value" } : { terms };
}
