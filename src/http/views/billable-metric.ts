import type { CustomFields } from "../../domain/custom-fields/entity.ts";
import {
  type MetricRecord,
  toPropertyFilterRow,
  toValueFilter,
} from "../../store/billable-metrics.ts";

/** A metric as the API shows it; what it does not have is absent. */
export const toBillableMetricView = (metric: MetricRecord, customFields: CustomFields) => ({
  id: metric.id,
  name: metric.name,
  aggregation_type: metric.aggregation,
  ...(metric.aggregationKey === null ? {} : { aggregation_key: metric.aggregationKey }),
  ...(metric.eventTypeFilter === null
    ? {}
    : { event_type_filter: toValueFilter(metric.eventTypeFilter) }),
  property_filters: metric.propertyFilters.map(toPropertyFilterRow),
  group_keys: metric.groupKeys,
  custom_fields: customFields,
  ...(metric.archivedAt === undefined ? {} : { archived_at: metric.archivedAt }),
});
