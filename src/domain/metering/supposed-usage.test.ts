import fc from "fast-check";
import { expect, test } from "vitest";
import { at } from "../../../test/support/sample-snapshot.ts";
import { groupValuesKey, pickGroupValues } from "./group-values.ts";
import type { Metric } from "./metric.ts";
import type { DistinctCounts, DistinctWindow } from "./rollup.ts";
import { type DistinctValue, supposedValues, withDistinctValues } from "./supposed-usage.ts";

const metric: Metric = {
  id: "users",
  aggregation: "UNIQUE",
  aggregationKey: "user",
  eventTypeFilter: null,
  propertyFilters: [],
  groupKeys: [["team", "region"]],
};

const events = fc.array(
  fc
    .record({
      hour: fc.integer({ min: 0, max: 5 }),
      user: fc.constantFrom("ann", "bob", "cy"),
      team: fc.constantFrom("red", "blue"),
      region: fc.constantFrom("eu", "us"),
    })
    .map(({ hour, ...properties }) => ({
      eventType: "seen",
      properties,
      timestamp: at("2024-01-01").add({ hours: hour, minutes: 10 }),
    })),
  { maxLength: 8 },
);

const toValues = (of: Parameters<typeof supposedValues>[1]) =>
  supposedValues([metric], of, (text) => `digest of ${text}`);

function count(values: readonly DistinctValue[], window: DistinctWindow): DistinctCounts {
  const inside = values.filter(
    ({ hourStart }) =>
      hourStart.epochMilliseconds >= window.start.epochMilliseconds &&
      hourStart.epochMilliseconds < window.end.epochMilliseconds,
  );
  const picked = inside.map(({ value, groupValues }) => ({
    value,
    groupValues: pickGroupValues(groupValues, window.groupKeys),
  }));
  const groups = Map.groupBy(picked, ({ groupValues }) => groupValuesKey(groupValues));
  return {
    ...window,
    counts: [...groups.values()].map((own) => ({
      groupValues: own[0]?.groupValues ?? {},
      count: BigInt(new Set(own.map(({ value }) => value)).size),
    })),
  };
}

const sorted = ({ counts }: DistinctCounts): string[] =>
  counts.map(({ groupValues, count: n }) => `${groupValuesKey(groupValues)} ${n}`).toSorted();

test("counting some values and adding others is counting them together", () => {
  fc.assert(
    fc.property(
      events,
      events,
      fc.constantFrom([], ["team"], ["team", "region"]),
      (old, more, groupKeys) => {
        const [seen, added] = [toValues(old), toValues(more)];
        for (const hours of [1, 3, 6]) {
          const start = at("2024-01-01");
          const window = { metricId: "users", groupKeys, start, end: start.add({ hours }) };
          // What was seen is looked up by value, so others of the same values are known too.
          const values = new Set(added.map(({ value }) => value));
          const known = seen.filter(({ value }) => values.has(value));
          const [merged] = withDistinctValues([count(seen, window)], added, known);
          expect(merged && sorted(merged)).toEqual(sorted(count([...seen, ...added], window)));
        }
      },
    ),
  );
});
