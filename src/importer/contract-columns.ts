import type { Columns } from "./read-table.ts";

/** What a row says of one opening balance of its contract. */
export const BALANCE_COLUMNS = [
  "opening_balance",
  "opening_balance_type",
  "opening_balance_product",
  "opening_balance_starting_at",
  "opening_balance_ending_before",
  "opening_balance_name",
] as const;

/** Of a file of contracts. */
export const CONTRACT_COLUMNS: Columns = {
  needed: ["contract", "customer", "rate_card", "starting_at", "generation_starting_at"],
  optional: [
    "customer_name",
    "ending_before",
    "usage_frequency",
    "net_payment_terms_days",
    ...BALANCE_COLUMNS,
  ],
};

/** What all rows of a contract have to say alike. */
export const TERM_COLUMNS: readonly string[] = [
  ...CONTRACT_COLUMNS.needed,
  ...CONTRACT_COLUMNS.optional,
].filter((column) => !BALANCE_COLUMNS.some((own) => own === column));

/** What the API calls what a column says: the longer names first. */
const FIELDS: readonly (readonly [field: RegExp, column: string])[] = [
  [/(commits|credits)\[\d+\]\.access_schedule\.schedule_items\[0\]\./g, "opening_balance_"],
  [/opening_balance_amount/g, "opening_balance"],
  [/(commits|credits)\[\d+\]\.access_schedule[\w.]*/g, "opening_balance"],
  [/(commits|credits)\[\d+\]\.product_id/g, "opening_balance_product"],
  [/(commits|credits)\[\d+\]\.name/g, "opening_balance_name"],
  [/(commits|credits)\[\d+\]/g, "opening_balance"],
  [/usage_statement_schedule\.invoice_generation_starting_at/g, "generation_starting_at"],
  [/usage_statement_schedule\.frequency/g, "usage_frequency"],
  [/uniqueness_key/g, "contract"],
  [/rate_card_id/g, "rate_card"],
  [/ingest_aliases(\[0\])?/g, "customer"],
  [/^name\b/g, "customer_name"],
];

/** A message of the API in the words of the file. */
export const inColumns = (message: string): string =>
  FIELDS.reduce((text, [field, column]) => text.replaceAll(field, column), message);
