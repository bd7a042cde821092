import { parseExact } from "../platform/json/exact-json.ts";

type Cells = Readonly<Record<string, string>>;

/** An object of a file of JSON lines: its line, its keys, and what it says as rows of a table. */
export interface FileObject {
  readonly number: number;
  readonly keys: readonly string[];
  readonly rows: readonly Cells[];
}

/** The one key that may hold objects: each makes a row, beside all else that its owner says. */
const LIST = "opening_balances";

/** Reads JSON lines: an object a line, empty lines apart. Throws Error with the line. */
export function parseObjects(text: string): FileObject[] {
  return text.split("\n").flatMap((line, index) => {
    const json = (index === 0 ? line.replace(/^\uFEFF/, "") : line).trim();
    if (json === "") return [];
    try {
      return [{ number: index + 1, ...toRows(asObject(parseExact(json), "it")) }];
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`row ${index + 1}: ${reason.replace("The body", "it")}`);
    }
  });
}

function asObject(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new Error(`${what} is not an object`);
}

function toRows(object: Record<string, unknown>): Omit<FileObject, "number"> {
  const { [LIST]: list, ...own } = object;
  const shared = toCells(own);
  if (list === undefined) return { keys: Object.keys(shared), rows: [shared] };
  if (!Array.isArray(list)) throw new Error(`${LIST} is not an array`);
  const items = list.map((item, n) => toCells(asObject(item, `${LIST}[${n}]`)));
  const twice = items.flatMap(Object.keys).find((key) => Object.hasOwn(shared, key));
  if (twice !== undefined) throw new Error(`${twice} stands beside ${LIST} and in it`);
  const rows = items.map((item) => ({ ...shared, ...item }));
  const keys = new Set([shared, ...rows].flatMap(Object.keys));
  return { keys: [...keys], rows: rows.length === 0 ? [shared] : rows };
}

/** Values as a CSV file would have them. */
function toCells(object: Record<string, unknown>): Cells {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => {
      if (typeof value === "object" && value !== null) {
        throw new Error(`${key} is not a text or number`);
      }
      const cell = value === null ? "" : String(value);
      if (cell.includes("\0")) throw new Error(`${key} contains a NUL character`);
      return [key, cell];
    }),
  );
}
