/** What the key of a line begins with that is tax, worked out elsewhere and billed as it was told. */
export const TAX_LINE = "tax/";

/** Whether a line is tax, by its key. */
export const isTaxLine = (lineKey: string): boolean => lineKey.startsWith(TAX_LINE);
