import { customFieldsOf, type Lane, priceOf, type SqlTable, sqlColumns } from "./sql-table.ts";

const byId = (from: string, alias: string, environment: string): Lane[] => [
  { from, environment, keys: [[`${alias}.id`, "uuid"]] },
];

const aliases = (table: string, column: string, owner: string): string =>
  `(select coalesce(jsonb_agg(jsonb_build_object('name', alias.name, 'starting_at', alias.starting_at,
      'ending_before', alias.ending_before) order by alias.position), '[]')::text
    from ${table} alias where alias.${column} = ${owner}.id)`;

export const PACKAGES: SqlTable = {
  name: "packages",
  key: "id",
  columns: sqlColumns({
    id: ["text", "package.id"],
    name: ["text", "package.name"],
    aliases: ["json", aliases("package_aliases", "package_id", "package")],
    terms: ["json", "package.terms"],
    uniqueness_key: ["text", "package.uniqueness_key"],
    created_at: ["instant", "package.created_at"],
    created_by: ["text", "package.created_by"],
    archived_at: ["instant", "package.archived_at"],
  }),
  lanes: byId("packages package", "package", "package.environment_id"),
};

const conversions = `(select coalesce(jsonb_agg(jsonb_build_object(
      'custom_credit_type', jsonb_build_object('id', unit.id, 'name', unit.name),
      'fiat_per_custom_credit', conversion.fiat_per_unit::text) order by conversion.position), '[]')::text
    from rate_card_conversions conversion join pricing_units unit on unit.id = conversion.unit_id
    where conversion.rate_card_id = card.id)`;

export const RATE_CARDS: SqlTable = {
  name: "contracts_rate_cards",
  key: "id",
  columns: sqlColumns({
    id: ["text", "card.id"],
    name: ["text", "card.name"],
    description: ["text", "card.description"],
    fiat_credit_type_id: ["text", "card.fiat_credit_type_id"],
    credit_type_conversions: ["json", conversions],
    aliases: ["json", aliases("rate_card_aliases", "rate_card_id", "card")],
    custom_fields: ["json", customFieldsOf("rate_card", "card", "card.environment_id")],
    created_at: ["instant", "card.created_at"],
    created_by: ["text", "card.created_by"],
    archived_at: ["instant", "card.archived_at"],
  }),
  lanes: byId("rate_cards card", "card", "card.environment_id"),
};

export const RATE_CARD_ENTRIES: SqlTable = {
  name: "contracts_rate_card_entries",
  key: "id",
  columns: sqlColumns({
    id: ["text", "rate.id"],
    rate_card_id: ["text", "rate.rate_card_id"],
    product_id: ["text", "rate.product_id"],
    starting_at: ["instant", "rate.starting_at"],
    ending_before: ["instant", "rate.ending_before"],
    entitled: ["boolean", "rate.entitled"],
    billing_frequency: ["text", "rate.billing_frequency"],
    rate_type: ["text", "rate.rate_type"],
    price: ["decimal", "rate.price"],
    tiers: ["json", "rate.tiers::text"],
    tier_mode: ["text", "rate.tier_mode"],
    package_size: ["decimal", "rate.package_size"],
    minimum_amount: ["decimal", "rate.minimum_amount"],
    maximum_amount: ["decimal", "rate.maximum_amount"],
    credit_type_id: ["text", "rate.credit_type_id"],
    pricing_group_values: ["json", "rate.pricing_group_values::text"],
    commit_rate: ["json", priceOf("rate.commit_rate")],
    created_at: ["instant", "rate.created_at"],
    created_by: ["text", "rate.created_by"],
  }),
  lanes: byId(
    "rates rate join rate_cards card on card.id = rate.rate_card_id",
    "rate",
    "card.environment_id",
  ),
};

/** Of an update only what it set; the product as created has everything. */
const setBy = (column: string, text = ""): string =>
  `case when version.starting_at is null or version.changed ? '${column}'
    then version.${column}${text} end`;

export const PRODUCT_VERSIONS: SqlTable = {
  name: "contracts_product_list_item_versions",
  key: "id",
  columns: sqlColumns({
    id: ["text", "version.id"],
    product_id: ["text", "version.product_id"],
    type: ["text", "product.type"],
    starting_at: ["instant", "version.starting_at"],
    changed: ["json", "version.changed::text"],
    name: ["text", setBy("name")],
    billable_metric_id: ["text", setBy("billable_metric_id")],
    tags: ["json", setBy("tags", "::text")],
    quantity_conversion: ["json", setBy("quantity_conversion", "::text")],
    quantity_rounding: ["json", setBy("quantity_rounding", "::text")],
    pricing_group_key: ["json", setBy("pricing_group_key", "::text")],
    presentation_group_key: ["json", setBy("presentation_group_key", "::text")],
    composite_product_ids: ["json", setBy("composite_product_ids", "::text")],
    composite_tags: ["json", setBy("composite_tags", "::text")],
    exclude_free_usage: ["boolean", setBy("exclude_free_usage")],
    custom_fields: [
      "json",
      customFieldsOf("contract_product", "product", "product.environment_id"),
    ],
    created_at: ["instant", "version.created_at"],
    created_by: ["text", "version.created_by"],
    archived_at: ["instant", "product.archived_at"],
  }),
  lanes: byId(
    "product_versions version join products product on product.id = version.product_id",
    "version",
    "product.environment_id",
  ),
};
