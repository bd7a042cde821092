import { expect, test } from "vitest";
import type { Metric } from "./metric.ts";
import { findMetricProblem } from "./metric-problem.ts";

const count: Omit<Metric, "id"> = {
  aggregation: "COUNT",
  aggregationKey: null,
  eventTypeFilter: null,
  propertyFilters: [],
  groupKeys: [],
};
const tokens = [{ name: "tokens", exists: true }];

test.each<[Partial<Metric>, string | undefined, string]>([
  [{}, undefined, "counting needs nothing"],
  [{ aggregationKey: "tokens" }, "does not apply to COUNT", "a key that would be ignored"],
  [{ aggregation: "SUM" }, "is required for SUM", "nothing to add up"],
  [
    { aggregation: "SUM", aggregationKey: "tokens" },
    "one of the property filter names",
    "no filter",
  ],
  [
    { aggregation: "SUM", aggregationKey: "tokens", propertyFilters: tokens },
    undefined,
    "filtered",
  ],
  [{ groupKeys: [["region"]] }, "'region' does not match", "a group without a filter"],
  [
    { groupKeys: [["region"]], propertyFilters: [{ name: "region" }] },
    "'region' needs a property filter",
    "events without the property would belong to no group",
  ],
  [
    { groupKeys: [["region"]], propertyFilters: [{ name: "region", notInValues: ["eu"] }] },
    "'region' needs a property filter",
    "not_in_values lets absent ones pass",
  ],
  [
    { groupKeys: [["region"]], propertyFilters: [{ name: "region", inValues: ["eu"] }] },
    undefined,
    "in_values demands a value",
  ],
  [
    { groupKeys: [["region", "tier"]], propertyFilters: [{ name: "region", exists: true }] },
    "'tier' does not match",
    "every part of a compound key",
  ],
])("%j: %s, because %s", (change, expected) => {
  const problem = findMetricProblem({ ...count, ...change });
  if (expected === undefined) expect(problem).toBeUndefined();
  else expect(problem?.message).toContain(expected);
});
