/** One element of an array literal. */
const quote = (text: string): string => `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;

/**
 * A parameter as text that the database reads back by a cast to its type; null stays null. Throws for
 * what has no such text.
 */
export function toLiteral(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean") {
    return String(value);
  }
  if (Array.isArray(value)) {
    const items = value.map(toLiteral).map((item) => (item === null ? "NULL" : quote(item)));
    return `{${items.join(",")}}`;
  }
  throw new TypeError("A statement's parameter is a text, a number, a flag, or a list of them");
}
