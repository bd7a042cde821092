import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import table from "./stripe-schemas.json" with { type: "json" };

type Hash = Readonly<Record<string, unknown>>;

const isHash = (value: unknown): value is Hash =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * What replies have beside the types: an invoice before version 2018-11-08, and the length of a list
 * inside an object, which the API's reference shows and the package leaves out.
 */
function widen(name: string, schema: object): object {
  const flag = { type: "boolean" };
  const beside = name.startsWith("ApiList<")
    ? { total_count: { type: "number" } }
    : name === "Invoice"
      ? { closed: flag, forgiven: flag, paid: flag }
      : {};
  return "properties" in schema
    ? { ...schema, properties: { ...(schema.properties as object), ...beside } }
    : schema;
}

const definitions = Object.fromEntries(
  Object.entries(table.definitions).map(([name, schema]) => [name, widen(name, schema)]),
);

/** Every member may be missing, or null where it was not there before: `previous_attributes`. */
function loosen(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(loosen);
  if (!isHash(schema)) return schema;
  const entries = Object.entries(schema).flatMap(([name, value]) =>
    name === "required" && Array.isArray(value) ? [] : [[name, loosen(value)] as const],
  );
  const loose: Record<string, unknown> = Object.fromEntries(entries);
  const orNull = (value: unknown) => ({ anyOf: [{ type: "null" }, loosen(value)] });
  if (isHash(schema.properties)) {
    const members = Object.entries(schema.properties);
    loose.properties = Object.fromEntries(members.map(([name, value]) => [name, orNull(value)]));
  }
  if (isHash(schema.additionalProperties)) {
    loose.additionalProperties = orNull(schema.additionalProperties);
  }
  return loose;
}

type Family = "objects" | "deleted" | "events" | "previous";

function openValidators(): (family: Family, name: string) => ValidateFunction | undefined {
  const ajv = new Ajv({ allErrors: true, strict: false });
  ajv.addSchema({ $id: "exact", definitions });
  ajv.addSchema({ $id: "loose", definitions: loosen(definitions) });
  const schemas: Readonly<Record<Family, ReadonlyMap<string, { readonly $ref: string }>>> = {
    objects: new Map(Object.entries(table.objects)),
    deleted: new Map(Object.entries(table.deleted)),
    events: new Map(Object.entries(table.events)),
    previous: new Map(Object.entries(table.events)),
  };
  // Each definition is compiled once, for all that refer to it.
  return (family, name) => {
    const schema = schemas[family].get(name);
    const version = family === "previous" ? "loose" : "exact";
    return schema && ajv.getSchema(`${version}${schema.$ref}`);
  };
}

const validatorOf = openValidators();

/** Where a form of an `anyOf` says that the value is not of its kind at all. */
const OTHER_FORM = /\/anyOf\/\d+\/(?:type|enum|not|\$ref)$/;

function tell({ instancePath, message, params, keyword }: ErrorObject, at: string): string {
  const place = `${at}${instancePath.replace(/\/(\d+)(?=\/|$)/g, "[$1]").replaceAll("/", ".")}`;
  if (keyword === "required") return `${place}.${params.missingProperty} is missing`;
  if (keyword === "additionalProperties") return `${place}.${params.additionalProperty} is unknown`;
  if (keyword === "not") return `${place} is of a kind that does not belong there`;
  if (keyword === "enum") return `${place} must be one of ${params.allowedValues.join(", ")}`;
  return `${place} ${message}`;
}

function validate(family: Family, name: string, value: unknown, at: string): string[] {
  const check = validatorOf(family, name);
  if (check === undefined) return [`${at}: unknown ${family} ${name}`];
  if (check(value)) return [];
  const errors = check.errors ?? [];
  // Of a value's possible forms, the errors inside it say more than that it is none of the others.
  const telling = errors.filter(
    ({ keyword, schemaPath }) => keyword !== "anyOf" && !OTHER_FORM.test(schemaPath),
  );
  const deepest = Math.max(...errors.map(({ instancePath }) => instancePath.length));
  const chosen =
    telling.length > 0
      ? telling
      : errors.filter(({ instancePath }) => instancePath.length === deepest);
  return [...new Set(chosen.map((error) => tell(error, at)))];
}

function compareEvent(event: Hash, at: string): string[] {
  const found = validate("objects", "event", event, at);
  const type = String(event.type);
  if (!isHash(event.data)) return found;
  found.push(...validate("events", type, event.data.object, `${at}.data.object`));
  const previous = event.data.previous_attributes;
  if (previous !== undefined) {
    found.push(...validate("previous", type, previous, `${at}.data.previous_attributes`));
  }
  return found;
}

/**
 * Where a reply is not what the `stripe` package's types promise: a property that is missing, of
 * another type, of no known value, or beyond them. Looks into lists, expanded objects and the
 * snapshots of events.
 */
export function findDeviations(value: unknown, at = "$"): string[] {
  if (!isHash(value)) return [`${at} is no object`];
  const { object } = value;
  if (object === "list" || object === "search_result") {
    const data = Array.isArray(value.data) ? value.data : [];
    return data.flatMap((item, index) => findDeviations(item, `${at}.data[${index}]`));
  }
  if (value.deleted === true) return validate("deleted", String(object), value, at);
  if (object === "event") return compareEvent(value, at);
  return validate("objects", String(object), value, at);
}
