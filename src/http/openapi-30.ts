type Node = Record<string, unknown>;

/** The type null, or a schema of it, which has been made `{nullable: true}`. */
const isNull = (type: unknown): boolean =>
  type === "null" || (typeof type === "object" && Object.keys(type ?? {}).join() === "nullable");

/**
 * One type where 3.1 lists several: 3.0 knows one, and `nullable`. Of the types that remain the first is told,
 * which is one that is taken: a decimal is shown as a number.
 */
function oneType({ type, anyOf, const: only, ...rest }: Node): Node {
  const shown: Node = only === undefined ? rest : { ...rest, enum: [only] };
  const types = Array.isArray(type) ? type : type === undefined ? [] : [type];
  const choices = Array.isArray(anyOf) ? anyOf : [];
  const [first] = types.filter((each) => !isNull(each));
  const left = choices.filter((each) => !isNull(each));
  if (first !== undefined) shown.type = first;
  if (left.length === 1) Object.assign(shown, left[0]);
  else if (left.length > 1) shown.anyOf = left;
  if ([...types, ...choices].some(isNull)) shown.nullable = true;
  if (first === "array") shown.items ??= {};
  else delete shown.items;
  return shown;
}

function toSchema30(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(toSchema30);
  if (typeof node !== "object" || node === null) return node;
  // The names below are those of fields, not of keywords.
  const entries = Object.entries(node).map(([name, value]) => [
    name,
    name === "properties" && typeof value === "object"
      ? mapValues(value ?? {}, toSchema30)
      : name === "enum" || name === "example"
        ? value
        : toSchema30(value),
  ]);
  return oneType(Object.fromEntries(entries));
}

const mapValues = (node: object, map: (value: unknown) => unknown): Node =>
  Object.fromEntries(Object.entries(node).map(([name, value]) => [name, map(value)]));

/** Schemas, wherever they stand in the rest of a description. */
function toNode30(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(toNode30);
  if (typeof node !== "object" || node === null) return node;
  return Object.fromEntries(
    Object.entries(node).map(([name, value]) => [
      name,
      name === "schema" ? toSchema30(value) : name === "example" ? value : toNode30(value),
    ]),
  );
}

/** A description in OpenAPI 3.1 as one in 3.0, for tools that read no newer one: it has no webhooks. Pure. */
export function toOpenApi30({ webhooks: _webhooks, ...description }: object & Node): Node {
  return { ...(toNode30(description) as Node), openapi: "3.0.3" };
}
