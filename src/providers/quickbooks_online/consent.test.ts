import { expect, test } from "vitest";
import { settingsOf } from "./consent.ts";

/** Intuit docs, "Preferences": what its currencies look like. */
test.each([
  [
    "a company of one currency",
    { MultiCurrencyEnabled: false, HomeCurrency: { value: "USD" } },
    { multicurrency: false, home_currency: "USD" },
  ],
  [
    "several currencies",
    { MultiCurrencyEnabled: true, HomeCurrency: { value: "GBP" } },
    { multicurrency: true, home_currency: "GBP" },
  ],
  [
    "no word of several, which is off",
    { HomeCurrency: { value: "CAD" } },
    { multicurrency: false, home_currency: "CAD" },
  ],
  [
    "a code in lower case",
    { HomeCurrency: { value: "eur" } },
    { multicurrency: false, home_currency: "EUR" },
  ],
  ["no home currency", { MultiCurrencyEnabled: true }, { multicurrency: true }],
  [
    "a home currency that is no code",
    { HomeCurrency: { value: "Euro" } },
    { multicurrency: false },
  ],
  ["no currencies", undefined, {}],
  ["currencies that are none", "USD", {}],
])("preferences that tell %s", (_, currency, expected) => {
  expect(settingsOf({ CurrencyPrefs: currency })).toEqual(expected);
});
