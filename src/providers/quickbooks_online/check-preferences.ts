import type { ConnectionProblem } from "../account.ts";
import type { QuickBooksSettings } from "./settings.ts";
import { isCodeOf } from "./tax-code.ts";

/** What of a company decides how its documents are made. */
export interface CompanyFacts {
  readonly country: string | undefined;
  readonly multicurrency: boolean;
  readonly homeCurrency: string | undefined;
}

type Fields = Readonly<Record<string, unknown>>;
const fieldsOf = (value: unknown): Fields => (value ?? {}) as Fields;
const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

/** Reads them from what the company says of itself. Pure. */
export function readFacts(info: Fields, preferences: Fields): CompanyFacts {
  const currency = fieldsOf(preferences.CurrencyPrefs);
  return {
    country: textOf(info.Country),
    multicurrency: currency.MultiCurrencyEnabled === true,
    homeCurrency: textOf(fieldsOf(currency.HomeCurrency).value),
  };
}

function checkTaxCode(country: string, code: string): ConnectionProblem[] {
  if (isCodeOf(country, code)) return [];
  const wanted =
    country === "US" ? "TAX or NON: there a line is taxed or not" : "the id of a tax code";
  return [
    {
      code: "tax_code_unfit",
      message: `A line of a company in ${country} takes no tax code "${code}" (settings.tax_code_id).`,
      remedy: `Set settings.tax_code_id to ${wanted}.`,
    },
  ];
}

/** What of the company and of the settings do not go together, and what is missing. Pure. */
export function checkPreferences(
  { country, multicurrency, homeCurrency }: CompanyFacts,
  settings: QuickBooksSettings,
): ConnectionProblem[] {
  const problems: ConnectionProblem[] = [];
  if (multicurrency !== settings.multicurrency) {
    problems.push({
      code: "multicurrency_mismatch",
      message: `Multicurrency is ${multicurrency ? "on" : "off"} in the company, and settings.multicurrency is ${settings.multicurrency}.`,
      remedy: `Set settings.multicurrency to ${multicurrency}.`,
    });
  }
  if (homeCurrency !== undefined && homeCurrency !== settings.home_currency) {
    problems.push({
      code: "home_currency_mismatch",
      message: `The company's home currency is ${homeCurrency}, and settings.home_currency is ${settings.home_currency}.`,
      remedy: `Set settings.home_currency to ${homeCurrency}.`,
    });
  }
  if (country !== undefined && country !== "US" && settings.tax_code_id === null) {
    problems.push({
      code: "tax_code_missing",
      message: `A company in ${country} takes no line without a tax code, and settings.tax_code_id is not set.`,
      remedy: "Set settings.tax_code_id to the id of a tax code of the company.",
    });
  }
  if (country !== undefined && settings.tax_code_id !== null) {
    problems.push(...checkTaxCode(country, settings.tax_code_id));
  }
  if (settings.item_strategy === "single" && settings.default_item_id === null) {
    problems.push({
      code: "default_item_missing",
      message: "All lines go on one item (item_strategy single), and none is named.",
      remedy: "Set settings.default_item_id to the id of a service item of the company.",
    });
  }
  if (settings.due_date === "sales_term" && settings.sales_term_id === null) {
    problems.push({
      code: "sales_term_missing",
      message:
        "Due dates come from a term of the company (due_date sales_term), and none is named.",
      remedy: "Set settings.sales_term_id to the id of a term of the company.",
    });
  }
  if (settings.create_items && settings.income_account_id === null) {
    problems.push({
      code: "income_account_missing",
      message: "Items are made (create_items), and the account that they earn on is not named.",
      remedy: "Set settings.income_account_id to the id of an income account of the company.",
    });
  }
  return problems;
}

/** Nothing takes the lines of a product that no item is named for. */
const needsItems = (settings: QuickBooksSettings): boolean =>
  settings.item_strategy === "per_product" &&
  settings.default_item_id === null &&
  !settings.create_items;

/** What the preferences ask a person to know or to do in QuickBooks itself. Pure. */
export function byHandOf(preferences: Fields, settings: QuickBooksSettings): string[] {
  const { CustomTxnNumbers: numbers, AutoApplyCredit: appliesCredit } = fieldsOf(
    preferences.SalesFormsPrefs,
  );
  const { PartnerTaxEnabled: automaticTax } = fieldsOf(preferences.TaxPrefs);
  return [
    ...(numbers === true
      ? []
      : [
          "Custom transaction numbers are off (Settings > Account and settings > Sales > Sales form content): QuickBooks then does not refuse a number that is taken. Switch them on.",
        ]),
    ...(automaticTax === true
      ? [
          "Automated sales tax is on: QuickBooks works tax out from addresses for whatever is taxable. Products that are not to be taxed here are marked so in QuickBooks.",
        ]
      : []),
    ...(appliesCredit === true
      ? [
          "Credits are applied automatically (Settings > Account and settings > Advanced > Automation): QuickBooks then puts a credit memo to the customer's oldest open invoice, which need not be the one that it credits. Switch it off.",
        ]
      : []),
    ...(needsItems(settings)
      ? [
          "Each product needs an item, or its invoices are refused: one that is called as the product is, its external mapping or custom field qbo_item_id; for the rest set settings.default_item_id, or let items be made (settings.create_items with settings.income_account_id).",
        ]
      : []),
    ...(settings.commit_item_id === null
      ? [
          "Contracts with commits or credits need an item for what is drawn down: set settings.commit_item_id.",
        ]
      : []),
  ];
}
