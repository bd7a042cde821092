import { readFileSync } from "node:fs";
import { join } from "node:path";

// biome-ignore lint/suspicious/noExplicitAny: replies and rows have every shape.
type Value = any;
type Fields = Readonly<Record<string, Value>>;

/** What docs/export.md says of a table beside its columns. */
export interface TableNotes {
  /** Columns of fields that are otherwise named, by path. */
  readonly renamed: ReadonlyMap<string, string>;
  /** Paths of fields that have no column. */
  readonly leftOut: ReadonlySet<string>;
}

const page = readFileSync(join(import.meta.dirname, "../../docs/export.md"), "utf8");

/** The paragraph that begins with these words, in one line. */
const paragraph = (section: string, words: string): string =>
  new RegExp(`\n${words}:([^]*?)(?:\n\n|$)`).exec(section)?.[1]?.replaceAll("\n", " ") ?? "";

/** The names in a text, beside those in its explanations. */
const namesIn = (text: string): string[] =>
  [...text.replaceAll(/\([^)]*\)/g, "").matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);

/** Reads the notes of a table out of the documentation. */
export function readTableNotes(table: string): TableNotes {
  const [, section = ""] = new RegExp(`\n### ${table}\n([^#]*)`).exec(page) ?? [];
  const renamed = paragraph(section, "Otherwise named").matchAll(/`([^`]+)` is `([^`]+)`/g);
  return {
    renamed: new Map([...renamed].map(([, path = "", column = ""]) => [path, column])),
    leftOut: new Set([
      ...namesIn(paragraph(section, "Left out")),
      ...namesIn(paragraph(page, "Left out everywhere")),
    ]),
  };
}

/** Of every one of several shapes. */
type FieldOf<View> = View extends unknown ? keyof View & string : never;

/** Every field that a view may show: one that is new does not compile until it stands here. */
export const fieldsOf =
  <View>() =>
  (fields: Record<FieldOf<View>, true>): readonly string[] =>
    Object.keys(fields);

const isObject = (value: Value): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);

const DECIMAL = /^-?\d+(?:\.\d+)?$/;
const INSTANT = /^\d{4}-\d\d-\d\dT[\d:.]+Z?(?:\+00:00)?$/;

/** What a value means, whether it came as JSON or out of a file: nothing is nothing, a number its digits. */
export function meaningOf(value: Value): Value {
  if (value === null || value === undefined) return undefined;
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(meaningOf);
  if (isObject(value)) {
    const entries = Object.entries(value).flatMap(([name, inner]) =>
      name === "credit_type" && isObject(inner) ? [["credit_type_id", inner.id]] : [[name, inner]],
    );
    const present = entries.map(([name, inner]) => [name, meaningOf(inner)] as const);
    return Object.fromEntries(
      present.filter(([, inner]) => inner !== undefined).sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  }
  const text = String(value);
  if (typeof value === "boolean") return value;
  if (DECIMAL.test(text)) return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
  return INSTANT.test(text) ? new Date(text).toISOString() : text;
}

/** Rows of a table, with their JSON read. */
export const withJson = (
  rows: readonly Fields[],
  columns: readonly { readonly name: string; readonly type: string }[],
): Fields[] => {
  const json = columns.filter(({ type }) => type === "json").map(({ name }) => name);
  return rows.map((row) => ({
    ...row,
    ...Object.fromEntries(
      json.map((name) => [name, typeof row[name] === "string" ? JSON.parse(row[name]) : row[name]]),
    ),
  }));
};

/**
 * Looks for each field of an object in its row: under its path joined by `_`, under the name that the notes
 * give it, or among what they leave out. Answers what is nowhere, and what is another value there.
 */
export function compareWithRow(object: Fields, row: Fields, notes: TableNotes): string[] {
  const known = [...notes.renamed.keys(), ...notes.leftOut];

  function look(value: Value, path: string): string[] {
    if (notes.leftOut.has(path)) return [];
    const column = notes.renamed.get(path) ?? path.replaceAll(".", "_");
    const isTakenApart = known.some((other) => other.startsWith(`${path}.`));
    if (column in row && !isTakenApart) {
      const [shown, kept] = [value, row[column]].map((side) => JSON.stringify(meaningOf(side)));
      return shown === kept ? [] : [`${path} is ${shown}, and ${column} is ${kept}`];
    }
    if (meaningOf(value) === undefined) return [];
    if (!isObject(value)) return [`${path} is nowhere`];
    return Object.entries(value).flatMap(([name, inner]) => look(inner, `${path}.${name}`));
  }

  return Object.entries(object).flatMap(([name, value]) => look(value, name));
}
