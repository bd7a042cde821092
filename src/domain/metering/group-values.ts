import type { GroupValues } from "./rollup.ts";

/** The values of the named properties only, in the order of their names. Absent ones stay absent. */
export function pickGroupValues(values: GroupValues, names: readonly string[]): GroupValues {
  const picked: [string, string][] = [];
  for (const name of [...names].sort()) {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value !== undefined) picked.push([name, value]);
  }
  return Object.fromEntries(picked);
}

/** One text per combination, whatever order the properties came in: `[["region","eu"]]`. */
export const groupValuesKey = (values: GroupValues): string =>
  JSON.stringify(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
