import { customFieldsOf, type SqlTable, sqlColumns } from "./sql-table.ts";

export const EVENTS: SqlTable = {
  name: "events",
  key: "transaction_id",
  columns: sqlColumns({
    transaction_id: ["text", "event.transaction_id"],
    customer_id: ["text", "event.customer_ref"],
    event_type: ["text", "event.event_type"],
    timestamp: ["instant", "event.event_at"],
    properties: ["json", "event.properties"],
    received_at: ["instant", "event.received_at"],
  }),
  lanes: ["usage_events", "usage_events_too_old"].map((table) => ({
    from: `${table} event`,
    environment: "event.environment_id",
    keys: [
      ["event.changed_by", "xid8"],
      ["event.key", "uuid"],
    ] as const,
  })),
};

export const BILLABLE_METRIC: SqlTable = {
  name: "billable_metric",
  key: "id",
  columns: sqlColumns({
    id: ["text", "metric.id"],
    name: ["text", "metric.name"],
    aggregation_type: ["text", "metric.aggregation_type"],
    aggregation_key: ["text", "metric.aggregation_key"],
    event_type_filter: ["json", "metric.event_type_filter::text"],
    property_filters: ["json", "metric.property_filters::text"],
    group_keys: ["json", "metric.group_keys::text"],
    custom_fields: ["json", customFieldsOf("billable_metric", "metric", "metric.environment_id")],
    created_at: ["instant", "metric.created_at"],
    archived_at: ["instant", "metric.archived_at"],
  }),
  lanes: [
    {
      from: "billable_metrics metric",
      environment: "metric.environment_id",
      keys: [
        ["metric.changed_by", "xid8"],
        ["metric.id", "uuid"],
      ],
    },
  ],
};
