const isHash = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/**
 * `previous_attributes` of an updated event: the old values of what differs between two renderings
 * of one object. Hashes are compared member by member; a member that is new appears as null.
 * Undefined when nothing differs.
 */
export function previousAttributes(
  before: object,
  after: object,
): Readonly<Record<string, unknown>> | undefined {
  const old = new Map(Object.entries(before));
  const changed: Record<string, unknown> = {};
  for (const key of new Set([...old.keys(), ...Object.keys(after)])) {
    const was = old.get(key);
    const is: unknown = Reflect.get(after, key);
    if (same(was, is)) continue;
    changed[key] = isHash(was) && isHash(is) ? previousAttributes(was, is) : (was ?? null);
  }
  return Object.keys(changed).length === 0 ? undefined : changed;
}
