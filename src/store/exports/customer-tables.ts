import { customFieldsOf, type SqlTable, sqlColumns } from "./sql-table.ts";

const byChange = (table: string, alias: string) => [
  {
    from: `${table} ${alias}`,
    environment: `${alias}.environment_id`,
    keys: [
      [`${alias}.changed_by`, "xid8"],
      [`${alias}.id`, "uuid"],
    ] as const,
  },
];

export const CUSTOMER: SqlTable = {
  name: "customer",
  key: "id",
  columns: sqlColumns({
    id: ["text", "customer.id"],
    external_id: [
      "text",
      `coalesce((select alias.alias from customer_ingest_aliases alias
        where alias.customer_id = customer.id order by alias.position limit 1), customer.id::text)`,
    ],
    name: ["text", "customer.name"],
    ingest_aliases: [
      "json",
      `(select coalesce(jsonb_agg(alias.alias order by alias.position), '[]')::text
        from customer_ingest_aliases alias where alias.customer_id = customer.id)`,
    ],
    salesforce_account_id: ["text", "customer.salesforce_account_id"],
    custom_fields: ["json", customFieldsOf("customer", "customer", "customer.environment_id")],
    created_at: ["instant", "customer.created_at"],
    archived_at: ["instant", "customer.archived_at"],
  }),
  lanes: byChange("customers", "customer"),
};

export const ALERT: SqlTable = {
  name: "alert",
  key: "id",
  columns: sqlColumns({
    id: ["text", "alert.id"],
    name: ["text", "alert.name"],
    type: ["text", "alert.type"],
    status: ["text", "case when alert.archived_at is null then 'enabled' else 'archived' end"],
    threshold: ["decimal", "alert.threshold"],
    customer_id: ["text", "alert.customer_id"],
    credit_type_id: ["text", "alert.credit_type_id"],
    billable_metric_id: ["text", "alert.metric_id"],
    custom_field_filters: ["json", "alert.custom_field_filters::text"],
    group_values: ["json", "alert.group_values::text"],
    invoice_types_filter: ["json", "alert.invoice_types::text"],
    seat_filter: [
      "json",
      `case when alert.seat_filter is not null then jsonb_strip_nulls(jsonb_build_object(
        'seat_group_key', alert.seat_filter -> 'groupKey',
        'seat_group_value', alert.seat_filter -> 'seatId'))::text end`,
    ],
    uniqueness_key: ["text", "alert.uniqueness_key"],
    created_at: ["instant", "alert.created_at"],
    archived_at: ["instant", "alert.archived_at"],
  }),
  lanes: byChange("alerts", "alert"),
};

/** The units that customers made; currencies are no rows. */
export const PRICING_UNIT: SqlTable = {
  name: "credit_type",
  key: "id",
  columns: sqlColumns({
    id: ["text", "unit.id"],
    name: ["text", "unit.name"],
    is_currency: ["boolean", "false"],
    created_at: ["instant", "unit.created_at"],
    archived_at: ["instant", "unit.archived_at"],
  }),
  lanes: byChange("pricing_units", "unit"),
};
