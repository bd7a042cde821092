import table from "./stripe-shapes.json" with { type: "json" };

type Hash = Readonly<Record<string, unknown>>;

const OBJECTS: ReadonlyMap<string, string> = new Map(Object.entries(table.objects));
const SHAPES: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map(
  Object.entries(table.shapes).map(([type, shape]) => [
    type,
    new Map(Object.entries<string>(shape)),
  ]),
);

/** Before version 2018-11-08 an invoice said these beside what it says today. */
const LEGACY: ReadonlyMap<string, readonly string[]> = new Map([
  ["Invoice", ["closed", "forgiven", "paid"]],
]);

const isHash = (value: unknown): value is Hash =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** How far an object is from one shape: missing, unexpectedly null, and unknown properties. */
function compare(value: Hash, type: string, at: string): string[] {
  const shape = SHAPES.get(type);
  if (shape === undefined) return [`${at}: no shape ${type}`];
  const found: string[] = [];
  for (const [name, code] of shape) {
    const [flags = "", ...shapes] = code.split(" ");
    const place = `${at}.${name}`;
    const inner = value[name];
    if (inner === undefined) {
      if (!flags.includes("o")) found.push(`${place} is missing (${type})`);
    } else if (inner === null) {
      if (!flags.includes("n")) found.push(`${place} is null (${type})`);
    } else found.push(...compareValue(inner, shapes, place));
  }
  // Types with an index signature list no property; of the others every property is known.
  const legacy = LEGACY.get(type) ?? [];
  for (const name of Object.keys(value)) {
    if (shape.size > 0 && !shape.has(name) && !legacy.includes(name))
      found.push(`${at}.${name} is unknown (${type})`);
  }
  return found;
}

/** A value against the shapes it may have; the one that fits best speaks for it. */
function compareValue(value: unknown, shapes: readonly string[], at: string): string[] {
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => compareValue(item, shapes, `${at}[${index}]`));
  }
  if (!isHash(value)) return [];
  if (typeof value.object === "string") return findDeviations(value, at);
  const outcomes = shapes.map((type) => compare(value, type, at));
  return outcomes.sort((a, b) => a.length - b.length)[0] ?? [];
}

/**
 * What an object of a reply lacks of the properties that the `stripe` package's types promise, or
 * has beyond them. Looks into lists, expanded objects and the snapshots of events.
 */
export function findDeviations(value: unknown, at = "$"): string[] {
  if (!isHash(value)) return [`${at} is no object`];
  if (value.object === "list" || value.object === "search_result") {
    const data = Array.isArray(value.data) ? value.data : [];
    return data.flatMap((item, index) => findDeviations(item, `${at}.data[${index}]`));
  }
  if (value.deleted === true) return typeof value.id === "string" ? [] : [`${at}.id is missing`];
  const type = OBJECTS.get(String(value.object));
  if (type === undefined) return [`${at}: unknown object ${String(value.object)}`];
  const found = compare(value, type, at);
  if (value.object === "event" && isHash(value.data)) {
    found.push(...findDeviations(value.data.object, `${at}.data.object`));
  }
  return found;
}
