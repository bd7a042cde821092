import type { GroupValues } from "./rollup.ts";

/** The values of the named properties only, in the order of their names. Absent ones stay absent. */
export const pickGroupValues = (values: GroupValues, names: readonly string[]): GroupValues =>
  groupPicker(names)(values);

/**
 * A text that is the same for rows with the same values of the named properties. Only good for
 * grouping: cheaper than groupValuesKey, which is for people and for ever.
 */
export const rowGrouper =
  (names: readonly string[]) =>
  (values: GroupValues): string => {
    let text = "";
    for (const name of names) {
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      text += value === undefined ? "-" : `${value.length}:${value}`;
    }
    return text;
  };

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

/** The values of some properties, and the key of them. */
export interface KeyedGroupValues {
  readonly values: GroupValues;
  /** groupValuesKey of them. */
  readonly key: string;
}

/**
 * As groupPicker, with the key, and one answer for all rows that agree on the named properties:
 * there are many rows and few combinations.
 */
export function groupReader(names: readonly string[]): (values: GroupValues) => KeyedGroupValues {
  const [groupOf, pick] = [rowGrouper(names), groupPicker(names)];
  const answers = new Map<string, KeyedGroupValues>();
  return (values) => {
    const group = groupOf(values);
    const known = answers.get(group);
    if (known !== undefined) return known;
    const picked = pick(values);
    const answer = { values: picked, key: groupValuesKey(picked) };
    answers.set(group, answer);
    return answer;
  };
}

/** One text per combination, whatever order the properties came in: `[["region","eu"]]`. */
export function groupValuesKey(values: GroupValues): string {
  const entries = Object.entries(values);
  if (entries.length > 1) entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(entries);
}
