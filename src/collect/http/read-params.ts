import type { TObject } from "typebox";
import { refused } from "../errors.ts";
import type { Form, FormValue } from "./form.ts";
import { SCALARS } from "./read-scalar.ts";
import { type Node, unknownParameter } from "./schema-node.ts";

const inside = (param: string, name: string): string => (param === "" ? name : `${param}[${name}]`);

const missingParameter = (param: string) =>
  refused("parameter_missing", `Missing required param: ${param}.`, param);

const emptyParameter = (param: string) =>
  refused(
    "parameter_invalid_empty",
    `You passed an empty string for '${param}'. We assume empty values are an attempt to unset a parameter; however '${param}' cannot be unset. You should remove '${param}' from your request or supply a non-empty value.`,
    param,
  );

function readHash(node: Node, form: Form, param: string): Record<string, unknown> {
  const properties = node.properties ?? {};
  for (const name of form.keys()) {
    if (!Object.hasOwn(properties, name)) throw unknownParameter(inside(param, name));
  }
  const values: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(properties)) {
    const value = form.get(name);
    if (value !== undefined) values[name] = readValue(property, value, inside(param, name));
    else if (node.required?.includes(name)) throw missingParameter(inside(param, name));
  }
  return values;
}

function readList(node: Node, value: FormValue, param: string): unknown[] {
  if (node.items === undefined) throw new Error(`List without item schema: ${param}`);
  const items = node.items;
  // Some clients send an empty list as an empty text.
  if (value === "") return [];
  if (!(value instanceof Map)) throw refused("invalid_argument", "Invalid array", param);
  const indexes = [...value.keys()];
  if (!indexes.every((index) => /^\d{1,5}$/.test(index))) {
    throw refused("invalid_argument", "Invalid array", param);
  }
  if (indexes.length > (node.maxItems ?? indexes.length)) {
    throw refused(
      "array_max_items",
      `Array ${param} exceeded maximum ${node.maxItems} allowed elements.`,
      param,
    );
  }
  indexes.sort((a, b) => Number(a) - Number(b));
  return indexes.map((index) => readValue(items, value.get(index) ?? "", inside(param, index)));
}

/** Of several forms the one that the value has: a hash, or not. */
function chooseForm(node: Node, value: FormValue): Node {
  const forms = node.anyOf?.filter((form) => form.type !== "null") ?? [node];
  const isHash = value instanceof Map;
  return forms.find((form) => (form.type === "object") === isHash) ?? forms[0] ?? node;
}

function readValue(node: Node, value: FormValue, param: string): unknown {
  const nullable = node.anyOf?.some((choice) => choice.type === "null") ?? false;
  const inner = chooseForm(node, value);
  if (nullable && value === "") return null;
  if (inner.type === "array") return readList(inner, value, param);
  const scalar = SCALARS[inner.format ?? inner.type ?? "enum"];
  if (scalar !== undefined) {
    if (value === "" && inner.format !== "metadata") throw emptyParameter(param);
    return scalar(inner, value, param);
  }
  if (!(value instanceof Map)) throw refused("invalid_argument", "Invalid hash", param);
  return readHash(inner, value, param);
}

/**
 * Turns the texts of a form into the values that `schema` declares. Throws 400 with the exact
 * parameter when one is unknown, missing, empty or malformed: nothing is ever ignored.
 */
export const readParams = (schema: TObject, form: Form): Record<string, unknown> =>
  readHash(schema as Node, form, "");
