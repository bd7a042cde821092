import type { LateUsage } from "../../domain/invoices/usage-inputs.ts";
import { instantText } from "../../domain/time.ts";

/** A difference between invoiced and present usage, in metered units. */
export const toLateUsageView = (late: LateUsage) => ({
  billable_metric_id: late.metricId,
  group_values: late.groupValues,
  starting_at: instantText(late.startingAt),
  ending_before: instantText(late.endingBefore),
  invoiced_value: late.invoicedValue,
  current_value: late.currentValue,
  late_event_count: late.lateEventCount,
});
