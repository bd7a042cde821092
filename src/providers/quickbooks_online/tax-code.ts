/** Codes of the United States' own: whether a line is taxed, and not at which rate. */
export const isPlainCode = (id: string): boolean => id === "TAX" || id === "NON";

/** Lines of a company in the United States are TAX or NON; all others name a code by its id. */
export const isCodeOf = (country: string, id: string): boolean =>
  country === "US" ? isPlainCode(id) : /^\d+$/.test(id);
