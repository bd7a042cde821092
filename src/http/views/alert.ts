import type { CustomerAlert } from "../../operations/read-customer-alerts.ts";
import { toCreditTypeView } from "./credit-type.ts";

/** An alert and a customer's status, as the wire shows them. */
export const toCustomerAlertView = (found: CustomerAlert) => ({
  customer_status: found.status,
  triggered_by: found.triggeredBy,
  alert: toAlertView(found),
});

const toAlertView = ({ alert, units, updatedAt }: CustomerAlert) => ({
  id: alert.id,
  name: alert.name,
  type: alert.type,
  status: alert.archivedAt === null ? "enabled" : "archived",
  threshold: alert.threshold,
  credit_type: alert.creditTypeId === null ? null : toCreditTypeView(alert.creditTypeId, units),
  ...(alert.metricId === null ? {} : { billable_metric_id: alert.metricId }),
  ...(alert.uniquenessKey === null ? {} : { uniqueness_key: alert.uniquenessKey }),
  ...(alert.customFieldFilters.length === 0
    ? {}
    : { custom_field_filters: alert.customFieldFilters }),
  ...(alert.groupValues.length === 0 ? {} : { group_values: alert.groupValues }),
  ...(alert.invoiceTypes === null ? {} : { invoice_types_filter: alert.invoiceTypes }),
  ...(alert.seatFilter === null
    ? {}
    : {
        seat_filter: {
          seat_group_key: alert.seatFilter.groupKey,
          ...(alert.seatFilter.seatId === null
            ? {}
            : { seat_group_value: alert.seatFilter.seatId }),
        },
      }),
  updated_at: updatedAt,
});
