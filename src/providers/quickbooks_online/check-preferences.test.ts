import { expect, test } from "vitest";
import { sampleConnection } from "../../../test/support/sample-delivery.ts";
import { byHandOf, type CompanyFacts, checkPreferences, readFacts } from "./check-preferences.ts";
import { toQuickBooksSettings } from "./settings.ts";

const settingsOf = (given: Record<string, unknown>) =>
  toQuickBooksSettings(sampleConnection(given));

/** A company in the United States that keeps dollars alone. */
const US: CompanyFacts = { country: "US", multicurrency: false, homeCurrency: "USD" };

test.each<[string, Partial<CompanyFacts>, Record<string, unknown>, string[]]>([
  ["nothing is in the way", {}, {}, []],
  ["several currencies there, one here", { multicurrency: true }, {}, ["multicurrency_mismatch"]],
  ["one there, several here", {}, { multicurrency: true }, ["multicurrency_mismatch"]],
  ["another home currency", { homeCurrency: "CAD" }, {}, ["home_currency_mismatch"]],
  ["it does not say which", { homeCurrency: undefined }, { home_currency: "CAD" }, []],
  ["abroad every line has a tax code", { country: "GB" }, {}, ["tax_code_missing"]],
  ["and one is named", { country: "GB" }, { tax_code_id: "2" }, []],
  ["it does not say where it is", { country: undefined }, {}, []],
  ["one item for all, and none named", {}, { item_strategy: "single" }, ["default_item_missing"]],
  ["it is named", {}, { item_strategy: "single", default_item_id: "1" }, []],
  ["a term decides, and none is named", {}, { due_date: "sales_term" }, ["sales_term_missing"]],
  ["one is", {}, { due_date: "sales_term", sales_term_id: "3" }, []],
  ["items are made on no account", {}, { create_items: true }, ["income_account_missing"]],
  ["on one", {}, { create_items: true, income_account_id: "79" }, []],
  [
    "all at once, in this order",
    { country: "FR", multicurrency: true, homeCurrency: "EUR" },
    { item_strategy: "single", create_items: true },
    [
      "multicurrency_mismatch",
      "home_currency_mismatch",
      "tax_code_missing",
      "default_item_missing",
      "income_account_missing",
    ],
  ],
])("what blocks: %s", (_name, facts, settings, codes) => {
  const problems = checkPreferences({ ...US, ...facts }, settingsOf(settings));
  expect(problems.map(({ code }) => code)).toEqual(codes);
  for (const { remedy } of problems) expect(remedy).toMatch(/^Set settings\./);
});

test.each<[string, Record<string, unknown>, Record<string, unknown>, CompanyFacts]>([
  [
    "as Intuit tells it",
    { Country: "GB" },
    { CurrencyPrefs: { MultiCurrencyEnabled: true, HomeCurrency: { value: "GBP" } } },
    { country: "GB", multicurrency: true, homeCurrency: "GBP" },
  ],
  [
    "it tells nothing",
    {},
    {},
    { country: undefined, multicurrency: false, homeCurrency: undefined },
  ],
  [
    "what is no text is not told",
    { Country: "" },
    { CurrencyPrefs: { MultiCurrencyEnabled: "true", HomeCurrency: { value: 1 } } },
    { country: undefined, multicurrency: false, homeCurrency: undefined },
  ],
])("facts: %s", (_name, info, preferences, facts) => {
  expect(readFacts(info, preferences)).toEqual(facts);
});

const NUMBERED = { SalesFormsPrefs: { CustomTxnNumbers: true } };

test.each<[string, Record<string, unknown>, RegExp[]]>([
  ["numbers of one's own are refused when they are taken", NUMBERED, []],
  ["numbers that are not", {}, [/Custom transaction numbers are off/]],
  [
    "tax that Intuit works out",
    { ...NUMBERED, TaxPrefs: { PartnerTaxEnabled: true } },
    [/Automated sales tax is on/],
  ],
  [
    "credit that QuickBooks puts to invoices by itself",
    { SalesFormsPrefs: { CustomTxnNumbers: true, AutoApplyCredit: true } },
    [/Credits are applied automatically/],
  ],
])("by hand: %s", (_name, preferences, expected) => {
  const told = byHandOf(preferences, settingsOf({ commit_item_id: "30", default_item_id: "1" }));
  expect(told).toEqual(expected.map((each) => expect.stringMatching(each)));
  expect(byHandOf(preferences, settingsOf({})).at(-1)).toContain("settings.commit_item_id");
});

test.each<[string, Record<string, unknown>, boolean]>([
  ["nothing takes a product without an item", {}, true],
  ["an item takes what has none", { default_item_id: "1" }, false],
  ["items are made", { create_items: true, income_account_id: "2" }, false],
  ["every line goes on one", { item_strategy: "single" }, false],
])("by hand, items: %s", (_name, settings, isTold) => {
  const told = byHandOf(NUMBERED, settingsOf({ commit_item_id: "30", ...settings }));
  expect(told.some((each) => each.startsWith("Each product needs an item"))).toBe(isTold);
});
