import type { GroupValues } from "../metering/rollup.ts";
import type { RatingSnapshot } from "../rating/snapshot.ts";
import type { GroupValue } from "./alert.ts";

/** Whether usage has all of these values. */
export const hasGroups = (values: GroupValues, wanted: readonly GroupValue[]): boolean =>
  wanted.every(({ key, value }) => values[key] === value);

/** The snapshot as if only usage with these group values had been metered; distinct counts apart. */
export const onlyGroups = (
  snapshot: RatingSnapshot,
  wanted: readonly GroupValue[],
): RatingSnapshot => ({
  ...snapshot,
  rollups: snapshot.rollups.map((metric) => ({
    ...metric,
    rows: metric.rows.filter(({ groupValues }) => hasGroups(groupValues, wanted)),
  })),
});
