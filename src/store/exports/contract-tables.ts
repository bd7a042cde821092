import { customFieldsOf, type Lane, priceOf, type SqlTable, sqlColumns } from "./sql-table.ts";

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
      "text",
      "case when contract.scheduled_charges_on_usage_invoices then 'ALL' end",
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

/** What usage burns a commit as the API names its parts; those that are absent are left out. */
const specifiersOf = (owner: string): string =>
  `(select jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
      'product_id', specifier -> 'productId', 'product_tags', specifier -> 'productTags',
      'pricing_group_values', specifier -> 'pricingGroupValues',
      'presentation_group_values', specifier -> 'presentationGroupValues')) order by place)::text
    from jsonb_array_elements(${owner}.specifiers) with ordinality as given (specifier, place))`;

export const RECURRING_COMMITS: SqlTable = {
  name: "contracts_recurring_commits",
  key: "id",
  columns: sqlColumns({
    id: ["text", "recurring.id"],
    contract_id: ["text", "recurring.contract_id"],
    customer_id: ["text", "contract.customer_id"],
    type: ["text", "recurring.type"],
    name: ["text", "recurring.name"],
    description: ["text", "recurring.description"],
    product_id: ["text", "recurring.product_id"],
    priority: ["decimal", "recurring.priority"],
    rate_type: ["text", "recurring.rate_type"],
    access_amount_unit_price: ["decimal", "recurring.access_unit_price"],
    access_amount_quantity: ["decimal", "recurring.access_quantity"],
    access_amount_credit_type_id: ["text", "recurring.access_credit_type_id"],
    invoice_amount_unit_price: ["decimal", "recurring.invoice_unit_price"],
    invoice_amount_quantity: ["decimal", "recurring.invoice_quantity"],
    invoice_amount_credit_type_id: ["text", "recurring.invoice_credit_type_id"],
    commit_duration_value: ["integer", "recurring.duration_periods"],
    commit_duration_unit: ["text", "'PERIODS'"],
    recurrence_frequency: ["text", "recurring.recurrence_frequency"],
    proration: ["text", "recurring.proration"],
    starting_at: ["instant", "recurring.starting_at"],
    ending_before: ["instant", "recurring.ending_before"],
    rollover_fraction: ["decimal", "recurring.rollover_fraction"],
    applicable_product_ids: ["json", "recurring.applicable_product_ids::text"],
    applicable_product_tags: ["json", "recurring.applicable_product_tags::text"],
    specifiers: ["json", specifiersOf("recurring")],
    subscription_id: ["text", "recurring.subscription_id"],
    allocation: [
      "text",
      "case when recurring.subscription_id is not null then recurring.allocation end",
    ],
    is_seat_increase_prorated: [
      "boolean",
      "case when recurring.subscription_id is not null then recurring.is_increase_prorated end",
    ],
    netsuite_sales_order_id: ["text", "recurring.netsuite_sales_order_id"],
    created_at: ["instant", "recurring.created_at"],
    created_by: ["text", "recurring.created_by"],
  }),
  lanes: ofContracts("recurring_commits", "recurring"),
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
    overwrite_rate: [
      "json",
      priceOf(
        "override.overwrite_rate",
        `, 'credit_type_id', coalesce(override.overwrite_rate ->> 'credit_type_id',
          contract.fiat_credit_type_id::text)`,
      ),
    ],
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
