import { describe, expect, test } from "vitest";
import { readSettings } from "../setting-fields.ts";
import { QUICKBOOKS_SETTINGS, toQuickBooksSettings } from "./settings.ts";

const read = (given: Record<string, unknown>) =>
  readSettings(QUICKBOOKS_SETTINGS, given, {}, "settings.");

test("what is not set is as the documentation says", () => {
  const scope = { environment: "SANDBOX", builtIn: false, settings: {} } as const;
  expect(toQuickBooksSettings(scope)).toEqual({
    environment: "sandbox",
    realm_id: null,
    item_strategy: "per_product",
    default_item_id: null,
    commit_item_id: null,
    doc_number_prefix: "MTR-",
    due_date: "net_terms",
    net_terms_days: 30,
    sales_term_id: null,
    zero_lines: "send",
    zero_totals: "send",
    create_customers: true,
    create_items: false,
    income_account_id: null,
    tax_code_id: null,
    multicurrency: false,
    home_currency: "USD",
    exchange_rates: {},
    requests_per_second: 8,
  });
  const live = { ...scope, environment: "PRODUCTION" } as const;
  expect(toQuickBooksSettings(live).environment).toBe("production");
  const chosen = { ...live, settings: { environment: "sandbox" } };
  expect(toQuickBooksSettings(chosen).environment).toBe("sandbox");
});

describe("a setting", () => {
  test.each<[string, unknown, unknown, string]>([
    ["environment", "Production", "production", "words are taken in any case"],
    ["realm_id", "9341452000000001", "9341452000000001", "a company's id is long, and text"],
    ["tax_code_id", "NON", "NON", "codes of the United States are words"],
    ["doc_number_prefix", "", "", "a number needs no prefix"],
    ["doc_number_prefix", "AB-1", "AB-1", "4 of the 21 characters, and 17 digits behind them"],
    ["net_terms_days", 0, 0, "due at once"],
    ["net_terms_days", 3650, 3650, "ten years at most"],
    ["home_currency", "gbp", "GBP", "codes are in upper case"],
    ["exchange_rates", { EUR: "1.0825" }, { EUR: "1.0825" }, "home units for a foreign one"],
    ["exchange_rates", { EUR: "1.08250" }, { EUR: "1.0825" }, "in its shortest form"],
    ["exchange_rates", { JPY: "0.0067123" }, { JPY: "0.0067123" }, "with 7 decimals"],
    ["requests_per_second", 100, 100, "for who has a higher limit"],
  ])("%s takes %j as %j: %s", (name, given, stored) => {
    expect(read({ [name]: given })).toEqual({ [name]: stored });
  });

  test.each<[string, unknown, string]>([
    ["environment", "staging", "there are two"],
    ["realm_id", 9341452, "as a number it may lose digits"],
    ["realm_id", "1/../2", "it is part of an address"],
    ["default_item_id", "", "an empty id names nothing"],
    ["default_item_id", "a".repeat(37), "longer than any id"],
    ["doc_number_prefix", "INV-2", "with 17 digits it would be 22 characters"],
    ["doc_number_prefix", "A B", "letters, digits and hyphens alone"],
    ["net_terms_days", -1, "due before it is made"],
    ["net_terms_days", 30.5, "half a day"],
    ["net_terms_days", 3651, "more than ten years"],
    ["home_currency", "US", "three letters"],
    ["multicurrency", "true", "a word is no flag"],
    ["exchange_rates", { EUR: "0" }, "nothing is worth nothing"],
    ["exchange_rates", { EUR: "-1" }, "or less"],
    ["exchange_rates", { EUR: "1.08251234" }, "more decimals than are kept"],
    ["requests_per_second", 0, "none would ever be made"],
    ["requests_per_second", 101, "faster than any company is answered"],
    ["item_prefix", "A", "there is no such setting"],
  ])("%s refuses %j: %s", (name, given) => {
    expect(() => read({ [name]: given })).toThrow(`settings.${name}`);
  });
});
