import type { GroupValues } from "./rollup.ts";

/** The values of the named properties only, in the order of their names. Absent ones stay absent. */
export const pickGroupValues = (values: GroupValues, names: readonly string[]): GroupValues =>
  groupPicker(names)(values);

/** As pickGroupValues, for many rows and the same names. */
export function groupPicker(names: readonly string[]): (values: GroupValues) => GroupValues {
  const sorted = [...names].sort();
  return (values) => {
    const picked: [string, string][] = [];
    for (const name of sorted) {
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      if (value !== undefined) picked.push([name, value]);
    }
    return Object.fromEntries(picked);
  };
}

/** One text per combination, whatever order the properties came in: `[["region","eu"]]`. */
export const groupValuesKey = (values: GroupValues): string =>
  JSON.stringify(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
