import { toText, ZERO } from "../../domain/decimal.ts";
import {
  byCurrencySetting,
  choiceSetting,
  effectiveSettings,
  flagSetting,
  integerSetting,
  type SettingFields,
  type SettingScope,
  type Settings,
  textSetting,
} from "../setting-fields.ts";

/** How an account's invoices are made and shown (guide "Invoice with Stripe"; docs/stripe.md). */
export interface StripeSettings {
  readonly days_until_due: number;
  readonly leave_invoices_in_draft: boolean;
  readonly skip_zero_dollar_invoices: boolean;
  readonly include_zero_quantity_sub_line_items: boolean;
  readonly stripe_invoice_quantity_always_string: boolean;
  readonly company_name: string | null;
  readonly line_limit_behavior: "collapse" | "group";
  readonly quantity_decimal: boolean;
  readonly tax_mode: "none" | "stripe" | "anrok" | "avalara" | "precalculated";
  readonly tax_wait_minutes: number;
  readonly on_tax_timeout: "finalize" | "leave_draft";
  /** Highest amount by currency code, as decimal text in the wire's unit (USD in cents). */
  readonly max_amount: Readonly<Record<string, string>>;
  readonly requests_per_second: number;
}

const MAX_DAYS = 3650;
const MAX_RATE = 1000;
const MAX_TAX_WAIT_MINUTES = 7 * 24 * 60;
/** What an account takes when nothing else is set: Stripe's limits less a margin (docs/stripe.md). */
const RATES = { collect: 200, PRODUCTION: 80, SANDBOX: 20 } as const;

const rateOf = ({ builtIn, environment }: SettingScope): number =>
  builtIn ? RATES.collect : RATES[environment];

const maxAmountSetting = byCurrencySetting(
  'an object of currency codes with amounts above 0, such as {"USD": 250000000}',
  (amount) => (amount.gt(ZERO) ? toText(amount) : undefined),
);

/** Every setting of a Stripe account. */
export const STRIPE_SETTINGS: SettingFields = {
  days_until_due: integerSetting({ minimum: 0, maximum: MAX_DAYS }, () => 30),
  leave_invoices_in_draft: flagSetting(false),
  skip_zero_dollar_invoices: flagSetting(false),
  include_zero_quantity_sub_line_items: flagSetting(false),
  stripe_invoice_quantity_always_string: flagSetting(false),
  company_name: textSetting({ max: 250 }),
  line_limit_behavior: choiceSetting(["collapse", "group"]),
  quantity_decimal: flagSetting(false),
  tax_mode: choiceSetting(["none", "stripe", "anrok", "avalara", "precalculated"]),
  tax_wait_minutes: integerSetting({ minimum: 0, maximum: MAX_TAX_WAIT_MINUTES }, () => 60),
  on_tax_timeout: choiceSetting(["finalize", "leave_draft"]),
  max_amount: maxAmountSetting,
  requests_per_second: integerSetting({ minimum: 1, maximum: MAX_RATE }, rateOf),
};

/** The settings that hold for a connection. */
export const toStripeSettings = (
  connection: SettingScope & { readonly settings: Settings },
): StripeSettings => effectiveSettings(STRIPE_SETTINGS, connection) as unknown as StripeSettings;
