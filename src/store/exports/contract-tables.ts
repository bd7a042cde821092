import { customFieldsOf, type Lane, type SqlTable, sqlColumns } from "./sql-table.ts";

const ofContracts = (table: string, alias: string): Lane[] => [
  {
    from: `${table} ${alias} join contracts contract on contract.id = ${alias}.contract_id`,
    environment: "contract.environment_id",
    keys: [[`${alias}.id`, "uuid"]],
  },
];

const ofEnvironment = (table: string, alias: string, where?: string): Lane[] => [
  {
    from: `${table} ${alias}`,
    environment: `${alias}.environment_id`,
    keys: [[`${alias}.id`, "uuid"]],
    ...(where === undefined ? {} : { where }),
  },
];

/** Dated amounts as JSON, decimals as text. */
const itemsOf = (table: string, column: string, owner: string): string =>
  `(select coalesce(jsonb_agg(jsonb_build_object('id', item.id, 'timestamp', item.charged_at,
      'unit_price', item.unit_price::text, 'quantity', item.quantity::text,
      'amount', item.amount::text) order by item.charged_at, item.position), '[]')::text
    from ${table} item where item.${column} = ${owner}.id)`;

export const CONTRACTS: SqlTable = {
  name: "contracts_contracts",
  key: "id",
  columns: sqlColumns({
    id: ["text", "contract.id"],
    customer_id: ["text", "contract.customer_id"],
    name: ["text", "contract.name"],
    rate_card_id: ["text", "contract.rate_card_id"],
    package_id: ["text", "contract.package_id"],
    starting_at: ["instant", "contract.starting_at"],
    ending_before: ["instant", "contract.ending_before"],
    usage_statement_frequency: ["text", "contract.usage_frequency"],
    usage_statement_anchor_date: ["instant", "contract.usage_anchor_at"],
    fiat_credit_type_id: ["text", "contract.fiat_credit_type_id"],
    multiplier_override_prioritization: ["text", "contract.multiplier_override_prioritization"],
    net_payment_terms_days: ["integer", "contract.net_payment_terms_days"],
    scheduled_charges_on_usage_invoices: [
      "boolean",
      "contract.scheduled_charges_on_usage_invoices",
    ],
    uniqueness_key: ["text", "contract.uniqueness_key"],
    custom_fields: ["json", customFieldsOf("contract", "contract", "contract.environment_id")],
    created_at: ["instant", "contract.created_at"],
    created_by: ["text", "contract.created_by"],
    archived_at: ["instant", "contract.archived_at"],
  }),
  lanes: ofEnvironment("contracts", "contract"),
};

export const TRANSITIONS: SqlTable = {
  name: "contracts_transitions",
  key: "id",
  columns: sqlColumns({
    // A contract follows at most one other, so it names the transition.
    id: ["text", "contract.id"],
    type: ["text", "contract.transition_type"],
    from_contract_id: ["text", "contract.from_contract_id"],
    to_contract_id: ["text", "contract.id"],
    date: ["instant", "contract.starting_at"],
  }),
  lanes: ofEnvironment("contracts", "contract", "contract.from_contract_id is not null"),
};

export const EDITS: SqlTable = {
  name: "contracts_edits",
  key: "id",
  columns: sqlColumns({
    id: ["text", "edit.id"],
    contract_id: ["text", "edit.contract_id"],
    timestamp: ["instant", "edit.edited_at"],
    edited_by: ["text", "edit.edited_by"],
    uniqueness_key: ["text", "edit.uniqueness_key"],
    changes: ["json", "edit.changes"],
  }),
  lanes: ofEnvironment("contract_edits", "edit"),
};

export const COMMITS: SqlTable = {
  name: "contracts_commits",
  key: "id",
  columns: sqlColumns({
    id: ["text", "given.id"],
    customer_id: ["text", "given.customer_id"],
    contract_id: ["text", "given.contract_id"],
    type: ["text", "given.type"],
    name: ["text", "given.name"],
    description: ["text", "given.description"],
    product_id: ["text", "given.product_id"],
    priority: ["decimal", "given.priority"],
    rate_type: ["text", "given.rate_type"],
    amount: [
      "decimal",
      "(select sum(segment.amount) from commit_segments segment where segment.commit_id = given.id)",
    ],
    access_schedule_credit_type_id: ["text", "given.access_credit_type_id"],
    access_schedule: [
      "json",
      `(select coalesce(jsonb_agg(jsonb_build_object('id', segment.id, 'amount', segment.amount::text,
          'starting_at', segment.starting_at, 'ending_before', segment.ending_before)
          order by segment.starting_at, segment.position), '[]')::text
        from commit_segments segment where segment.commit_id = given.id)`,
    ],
    invoice_schedule_credit_type_id: ["text", "given.invoice_credit_type_id"],
    invoice_schedule: ["json", itemsOf("commit_invoice_items", "commit_id", "given")],
    invoice_contract_id: ["text", "given.invoice_contract_id"],
    applicable_product_ids: ["json", "given.applicable_product_ids::text"],
    applicable_product_tags: ["json", "given.applicable_product_tags::text"],
    applicable_contract_ids: ["json", "given.applicable_contract_ids::text"],
    rollover_fraction: ["decimal", "given.rollover_fraction"],
    rolled_over_from_id: ["text", "given.rolled_over_from_id"],
    recurring_commit_id: ["text", "given.recurring_commit_id"],
    netsuite_sales_order_id: ["text", "given.netsuite_sales_order_id"],
    uniqueness_key: ["text", "given.uniqueness_key"],
    custom_fields: [
      "json",
      `case when given.type = 'CREDIT'
        then ${customFieldsOf("contract_credit", "given", "given.environment_id")}
        else ${customFieldsOf("commit", "given", "given.environment_id")} end`,
    ],
    created_at: ["instant", "given.created_at"],
    created_by: ["text", "given.created_by"],
    archived_at: ["instant", "given.archived_at"],
  }),
  lanes: ofEnvironment("commits", "given"),
};

export const SUBSCRIPTIONS: SqlTable = {
  name: "contracts_subscriptions",
  key: "id",
  columns: sqlColumns({
    id: ["text", "subscription.id"],
    contract_id: ["text", "subscription.contract_id"],
    customer_id: ["text", "contract.customer_id"],
    product_id: ["text", "subscription.product_id"],
    name: ["text", "subscription.name"],
    description: ["text", "subscription.description"],
    billing_frequency: ["text", "subscription.billing_frequency"],
    collection_schedule: ["text", "subscription.collection_schedule"],
    is_prorated: ["boolean", "subscription.is_prorated"],
    invoice_behavior: ["text", "subscription.invoice_behavior"],
    seat_group_key: ["text", "subscription.seat_group_key"],
    quantity_schedule: [
      "json",
      `(select coalesce(jsonb_agg(jsonb_build_object('quantity', change.quantity::text,
          'starting_at', change.starting_at) order by change.starting_at, change.position), '[]')::text
        from subscription_quantities change where change.subscription_id = subscription.id)`,
    ],
    starting_at: ["instant", "subscription.starting_at"],
    ending_before: ["instant", "subscription.ending_before"],
    custom_fields: [
      "json",
      customFieldsOf("subscription", "subscription", "contract.environment_id"),
    ],
  }),
  lanes: ofContracts("subscriptions", "subscription"),
};

export const SCHEDULED_CHARGES: SqlTable = {
  name: "contracts_scheduled_charges",
  key: "id",
  columns: sqlColumns({
    id: ["text", "charge.id"],
    contract_id: ["text", "charge.contract_id"],
    customer_id: ["text", "contract.customer_id"],
    product_id: ["text", "charge.product_id"],
    name: ["text", "charge.name"],
    credit_type_id: ["text", "charge.credit_type_id"],
    schedule: ["json", itemsOf("scheduled_charge_items", "scheduled_charge_id", "charge")],
    custom_fields: [
      "json",
      customFieldsOf("scheduled_charge", "charge", "contract.environment_id"),
    ],
    archived_at: ["instant", "charge.archived_at"],
  }),
  lanes: ofContracts("scheduled_charges", "charge"),
};

export const OVERRIDES: SqlTable = {
  name: "contracts_overrides",
  key: "id",
  columns: sqlColumns({
    id: ["text", "override.id"],
    contract_id: ["text", "override.contract_id"],
    customer_id: ["text", "contract.customer_id"],
    starting_at: ["instant", "override.starting_at"],
    ending_before: ["instant", "override.ending_before"],
    entitled: ["boolean", "override.entitled"],
    type: ["text", "override.type"],
    priority: ["decimal", "override.priority"],
    multiplier: ["decimal", "override.multiplier"],
    overwrite_rate: ["json", "override.overwrite_rate::text"],
    override_tiers: ["json", "override.tiers::text"],
    is_commit_specific: ["boolean", "override.is_commit_specific"],
    target: ["text", "override.target"],
    product_id: ["text", "override.product_id"],
    applicable_product_tags: ["json", "override.applicable_product_tags::text"],
    override_specifiers: ["json", "override.override_specifiers::text"],
    created_at: ["instant", "override.created_at"],
    created_by: ["text", "override.created_by"],
    removed_at: ["instant", "override.removed_at"],
  }),
  lanes: ofContracts("contract_overrides", "override"),
};
