import type { Metric, PropertyFilter } from "./metric.ts";

export interface MetricProblem {
  readonly field: string;
  readonly message: string;
}

/** The first reason why a metric cannot be metered as it is described, if there is one. */
export function findMetricProblem(metric: Omit<Metric, "id">): MetricProblem | undefined {
  return (
    keyProblem(metric) ??
    metric.groupKeys.flatMap((key) => key.map((name) => groupProblem(metric, name))).find(Boolean)
  );
}

function keyProblem({
  aggregation,
  aggregationKey,
  propertyFilters,
}: Omit<Metric, "id">): MetricProblem | undefined {
  const field = "aggregation_key";
  if (aggregation === "COUNT") {
    if (aggregationKey === null) return undefined;
    return { field, message: "aggregation_key does not apply to COUNT" };
  }
  if (aggregationKey === null) {
    return { field, message: `aggregation_key is required for ${aggregation}` };
  }
  if (propertyFilters.some(({ name }) => name === aggregationKey)) return undefined;
  const message = "The specified aggregation key must be one of the property filter names.";
  return { field, message };
}

/** Grouped usage needs a value in every event, or a part of it would belong to no group. */
function groupProblem(
  { propertyFilters }: Omit<Metric, "id">,
  name: string,
): MetricProblem | undefined {
  const field = "group_keys";
  const filters = propertyFilters.filter((filter) => filter.name === name);
  if (filters.length === 0) {
    return {
      field,
      message: `Group key '${name}' does not match one of the property filter names.`,
    };
  }
  if (filters.some(demandsValue)) return undefined;
  return {
    field,
    message: `Group key '${name}' needs a property filter with exists: true or with in_values.`,
  };
}

const demandsValue = ({ exists, inValues }: PropertyFilter): boolean =>
  exists === true || inValues !== undefined;
