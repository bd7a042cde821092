import { refused } from "../../errors.ts";
import type { Form, FormValue } from "../form.ts";

const MAX_DEPTH = 8;

function toValue(value: unknown, depth: number): FormValue {
  if (depth > MAX_DEPTH) {
    throw refused("parameter_invalid", `Parameters may be nested ${MAX_DEPTH} deep`);
  }
  if (value === null) return "";
  if (Array.isArray(value)) {
    return new Map(value.map((one, index) => [String(index), toValue(one, depth + 1)]));
  }
  if (typeof value === "object") {
    return new Map(Object.entries(value).map(([name, one]) => [name, toValue(one, depth + 1)]));
  }
  const text = String(value);
  if (text.includes("\0")) {
    throw refused("parameter_invalid", "Parameters cannot contain the character NUL");
  }
  return text;
}

/** The same request as a form, with what `query` holds: null unsets, as an empty value does there. Throws 400. */
export function formFromJson(text: string, query: Form): Form {
  if (text.trim() === "") return query;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw refused("parameter_invalid", "The body is not readable JSON.");
  }
  const form = toValue(parsed, 0);
  if (form instanceof Map && !Array.isArray(parsed)) return new Map([...query, ...form]);
  throw refused("parameter_invalid", "The body must be a JSON object.");
}
