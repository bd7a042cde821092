import { refuse } from "../faults.ts";

/** What a property of a body may hold. */
export type Spec =
  | { readonly kind: "text"; readonly max: number }
  | { readonly kind: "email" }
  | { readonly kind: "number" }
  | { readonly kind: "amount" }
  | { readonly kind: "flag" }
  | { readonly kind: "date" }
  | { readonly kind: "one of"; readonly values: readonly string[] }
  | { readonly kind: "object"; readonly fields: Shape }
  | { readonly kind: "list"; readonly fields: Shape }
  /** Worked out by the books: accepted when a read document is sent back, and not looked at. */
  | { readonly kind: "computed" };

export type Shape = Readonly<Record<string, Spec>>;
type Body = Record<string, unknown>;

const invalid = (name: string): never =>
  refuse("2010", `Property Name:${name} specified is unsupported or invalid`, name);

const isBody = (value: unknown): value is Body =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function checkText(name: string, value: string, max: number): string {
  if (value.length > max) {
    refuse(
      "2050",
      `String length specified does not match the supported length. Min:0 Max:${max} supported. Supplied length:${value.length}`,
      name,
    );
  }
  return value;
}

function checkEmail(name: string, value: string): string {
  for (const address of checkText(name, value, 100).split(",")) {
    if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(address.trim())) {
      refuse("2210", `Email Address does not conform to the syntax rules: ${value}`, name);
    }
  }
  return value;
}

function isDate(value: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const at = Date.parse(`${value}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(value);
}

function checkValue(name: string, spec: Spec, value: unknown): unknown {
  switch (spec.kind) {
    case "text":
      return typeof value === "string" ? checkText(name, value, spec.max) : invalid(name);
    case "email":
      return typeof value === "string" ? checkEmail(name, value) : invalid(name);
    case "number":
    case "amount":
      if (typeof value !== "number") refuse("2090", `${name} is no number`, name);
      return value;
    case "flag":
      return typeof value === "boolean" ? value : invalid(name);
    case "date":
      return typeof value === "string" && isDate(value) ? value : invalid(name);
    case "one of":
      if (typeof value === "string" && spec.values.includes(value)) return value;
      return refuse("2170", `${String(value)} is none of ${spec.values.join(", ")}`, name);
    case "object":
      return readShape(name, spec.fields, value);
    case "list":
      if (!Array.isArray(value)) return invalid(name);
      return value.map((each) => readShape(name, spec.fields, each));
    case "computed":
      return undefined;
  }
}

/**
 * What of a body may be written. A property that is null counts as one that is not there; one that the
 * shape does not list is refused.
 */
export function readShape(name: string, shape: Shape, value: unknown): Body {
  if (!isBody(value)) return invalid(name);
  const read: Body = {};
  for (const [key, inner] of Object.entries(value)) {
    const spec = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (spec === undefined) return invalid(key);
    const checked = inner === null ? undefined : checkValue(key, spec, inner);
    if (checked !== undefined) read[key] = checked;
  }
  return read;
}
