import { toText, ZERO } from "../../domain/decimal.ts";
import {
  byCurrencySetting,
  choiceSetting,
  effectiveSettings,
  flagSetting,
  integerSetting,
  type SettingField,
  type SettingFields,
  type SettingScope,
  type Settings,
} from "../setting-fields.ts";

/** How a company's invoices are made (docs/quickbooks.md). Ids are QuickBooks' own. */
export interface QuickBooksSettings {
  readonly environment: "sandbox" | "production";
  /** The company's id. */
  readonly realm_id: string | null;
  readonly item_strategy: "per_product" | "single";
  readonly default_item_id: string | null;
  readonly commit_item_id: string | null;
  readonly doc_number_prefix: string;
  readonly due_date: "net_terms" | "period_end" | "sales_term";
  readonly net_terms_days: number;
  readonly sales_term_id: string | null;
  readonly zero_lines: "send" | "drop";
  readonly zero_totals: "send" | "skip";
  readonly create_customers: boolean;
  readonly create_items: boolean;
  readonly income_account_id: string | null;
  readonly tax_code_id: string | null;
  readonly multicurrency: boolean;
  readonly home_currency: string;
  /** Home units for one foreign unit, as decimal text by currency code. */
  readonly exchange_rates: Readonly<Record<string, string>>;
  readonly requests_per_second: number;
}

const MAX_DAYS = 3650;
/** Under the ten a second and 500 a minute that each company has for an app (Intuit docs: "API call limits"). */
const PER_SECOND = 8;
const MAX_PER_SECOND = 100;
const ID = /^[A-Za-z0-9_.:-]{1,36}$/;
const MAX_RATE_DECIMALS = 7;

const idSetting = (what: string): SettingField => ({
  schema: { type: "string", maxLength: 36, default: null },
  initial: () => null,
  read: (given) =>
    typeof given === "string" && ID.test(given)
      ? { value: given }
      : { expected: `the id of ${what} in QuickBooks, as text` },
});

const environmentSetting: SettingField = {
  ...choiceSetting(["sandbox", "production"]),
  initial: ({ environment }) => (environment === "PRODUCTION" ? "production" : "sandbox"),
};

/** At most 4 characters: 17 more make the longest number that a document may have. */
const prefixSetting: SettingField = {
  schema: { type: "string", maxLength: 4, default: "MTR-" },
  initial: () => "MTR-",
  read: (given) =>
    typeof given === "string" && /^[A-Za-z0-9-]{0,4}$/.test(given)
      ? { value: given }
      : { expected: "at most 4 letters, digits and hyphens" },
};

const currencySetting: SettingField = {
  schema: { type: "string", minLength: 3, maxLength: 3, default: "USD" },
  initial: () => "USD",
  read: (given) =>
    typeof given === "string" && /^[A-Za-z]{3}$/.test(given)
      ? { value: given.toUpperCase() }
      : { expected: "a currency code of three letters" },
};

const ratesSetting = byCurrencySetting(
  `an object of currency codes with rates above 0 of at most ${MAX_RATE_DECIMALS} decimals, such as {"EUR": "1.0825"}`,
  (rate) => (rate.gt(ZERO) && rate.round(MAX_RATE_DECIMALS).eq(rate) ? toText(rate) : undefined),
);

/** Every setting of a QuickBooks company. */
export const QUICKBOOKS_SETTINGS: SettingFields = {
  environment: environmentSetting,
  realm_id: idSetting("the company"),
  item_strategy: choiceSetting(["per_product", "single"]),
  default_item_id: idSetting("an item"),
  commit_item_id: idSetting("an item"),
  doc_number_prefix: prefixSetting,
  due_date: choiceSetting(["net_terms", "period_end", "sales_term"]),
  net_terms_days: integerSetting({ minimum: 0, maximum: MAX_DAYS }, () => 30),
  sales_term_id: idSetting("a term"),
  zero_lines: choiceSetting(["send", "drop"]),
  zero_totals: choiceSetting(["send", "skip"]),
  create_customers: flagSetting(true),
  create_items: flagSetting(false),
  income_account_id: idSetting("an income account"),
  tax_code_id: idSetting("a tax code"),
  multicurrency: flagSetting(false),
  home_currency: currencySetting,
  exchange_rates: ratesSetting,
  requests_per_second: integerSetting({ minimum: 1, maximum: MAX_PER_SECOND }, () => PER_SECOND),
};

/** The settings that hold for a connection. */
export const toQuickBooksSettings = (
  connection: SettingScope & { readonly settings: Settings },
): QuickBooksSettings =>
  effectiveSettings(QUICKBOOKS_SETTINGS, connection) as unknown as QuickBooksSettings;
