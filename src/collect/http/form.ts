import { refused } from "../errors.ts";

/** A decoded form: names to texts or nested forms. Lists are forms whose names are 0, 1, 2... */
export type FormValue = string | Form;
export type Form = Map<string, FormValue>;

/** More than the largest sensible request (250 lines with all their fields), far below a bomb. */
const MAX_PAIRS = 20_000;
const MAX_DEPTH = 8;
const NAME = /^([^[\]]+)((?:\[[^[\]]*\])*)$/;

/** "lines[0][amount]" -> ["lines", "0", "amount"]; "expand[]" -> ["expand", ""]. */
function splitName(name: string): string[] {
  const match = NAME.exec(name);
  if (match === null)
    throw refused("parameter_unknown", `Malformed parameter name: ${name.slice(0, 100)}`);
  const [, first = "", rest = ""] = match;
  const segments = [first];
  for (const part of rest.matchAll(/\[([^[\]]*)\]/g)) {
    // Refused at the first level too many: a million levels would be a million pieces.
    if (segments.length === MAX_DEPTH) {
      throw refused("parameter_invalid", `Parameters may be nested ${MAX_DEPTH} deep`, first);
    }
    segments.push(part[1] ?? "");
  }
  return segments;
}

/** The index that `[]` stands for: the last element while it lacks the member `next`, else a new one. */
function openIndex(list: Form, next: string | undefined): string {
  const last = list.get(String(list.size - 1));
  const continues = next !== undefined && last instanceof Map && !last.has(next);
  return String(continues ? list.size - 1 : list.size);
}

function put(form: Form, name: string, value: string): void {
  const segments = splitName(name);
  let target = form;
  for (const [depth, segment] of segments.entries()) {
    const next = segments[depth + 1];
    const key = segment === "" ? openIndex(target, next) : segment;
    if (next === undefined) {
      if (target.get(key) instanceof Map) throw clash(name);
      target.set(key, value);
      return;
    }
    const inner = target.get(key) ?? new Map<string, FormValue>();
    if (!(inner instanceof Map)) throw clash(name);
    target.set(key, inner);
    target = inner;
  }
}

const clash = (name: string) =>
  refused("parameter_invalid", `Parameter given both as a value and as a hash: ${name}`, name);

/** Throws 400 on what stands for no text: replacing it would keep something that nobody sent. */
function decodeText(encoded: string): string {
  try {
    return decodeURIComponent(encoded.replaceAll("+", " "));
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
    throw refused(
      "parameter_invalid",
      `Parameters must be percent-encoded UTF-8; this is not: ${encoded.slice(0, 100)}`,
    );
  }
}

/** The pairs of a form, decoded, one after the other. */
function* pairsOf(text: string): Generator<readonly [string, string]> {
  for (let start = 0; start < text.length; ) {
    const found = text.indexOf("&", start);
    const end = found === -1 ? text.length : found;
    const pair = text.slice(start, end);
    const sign = pair.indexOf("=");
    if (sign !== -1) yield [decodeText(pair.slice(0, sign)), decodeText(pair.slice(sign + 1))];
    else if (pair !== "") yield [decodeText(pair), ""];
    start = end + 1;
  }
}

/**
 * Decodes an `application/x-www-form-urlencoded` text with nested names, indexed (`a[0][b]`) or open
 * (`a[]`). Throws 400 on encodings and names it cannot read, too deep nesting and too many pairs.
 */
export function decodeForm(text: string, into: Form = new Map()): Form {
  let pairs = 0;
  for (const [name, value] of pairsOf(text)) {
    pairs += 1;
    if (pairs > MAX_PAIRS) throw refused("parameter_invalid", `More than ${MAX_PAIRS} parameters`);
    // Postgres cannot keep a NUL, neither in a text nor in a key.
    if (`${name}${value}`.includes("\0")) {
      throw refused("parameter_invalid", "Parameters cannot contain the character NUL");
    }
    put(into, name, value);
  }
  return into;
}

/** One text per form, whatever the order of its pairs: two requests are the same when these are. */
export function canonicalForm(form: Form): string {
  const members = [...form].sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members
    .map(([name, value]) => {
      const text = typeof value === "string" ? JSON.stringify(value) : canonicalForm(value);
      return `${JSON.stringify(name)}:${text}`;
    })
    .join(",")}}`;
}
