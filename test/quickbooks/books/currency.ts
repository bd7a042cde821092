import { placesOf } from "../decimal.ts";
import { refuse, refuseByRule } from "../faults.ts";
import type { Books } from "./books.ts";
import type { Draft, Entity, Reference } from "./entity.ts";

/** Currencies without a smaller unit. All others have cents here, whatever ISO 4217 says. */
const WITHOUT_CENTS = ["JPY", "KRW", "VND", "CLP", "ISK"];

export const exponentOf = (currency: string): number => (WITHOUT_CENTS.includes(currency) ? 0 : 2);

export function checkPlaces(name: string, amount: number, currency: string): void {
  const places = exponentOf(currency);
  if (placesOf(amount) > places) {
    refuse("2090", `${name} has more than ${places} decimals: ${amount}`, name);
  }
}

const NAMES: Readonly<Record<string, string>> = {
  USD: "United States Dollar",
  EUR: "Euro",
  GBP: "British Pound Sterling",
  JPY: "Japanese Yen",
};

export const toCurrencyRef = (currency: string): Reference => ({
  value: currency,
  name: NAMES[currency] ?? currency,
});

/**
 * The currency a draft is in. Where only one is kept, saying any is an error, but for a document that is
 * sent back as it was read.
 */
export function currencyOf(
  books: Books,
  draft: Draft,
  before: Entity | undefined,
  ofCustomer: string | undefined,
): string {
  const { homeCurrency, multiCurrency } = books.preferences;
  const stated = draft.CurrencyRef?.value;
  if (!multiCurrency) {
    if (stated !== undefined && stated !== before?.CurrencyRef?.value) {
      return refuseByRule(
        "Multi Currency should be enabled to perform this operation",
        "CurrencyRef",
      );
    }
    return homeCurrency;
  }
  if (stated === undefined && ofCustomer !== undefined) {
    return refuse(
      "2020",
      "Required parameter CurrencyRef is missing in the request",
      "CurrencyRef",
    );
  }
  const currency = stated ?? homeCurrency;
  if (!/^[A-Z]{3}$/.test(currency)) {
    return refuse("2500", `Invalid Reference Id : Currency ${currency} not found`, "CurrencyRef");
  }
  if (ofCustomer !== undefined && currency !== ofCustomer) {
    return refuseByRule(
      "The currency of the transaction is invalid for the customer / vendor / account",
      "CurrencyRef",
    );
  }
  return currency;
}

/** Home units for one unit of the document's currency. */
export const rateOf = (books: Books, draft: Draft, currency: string): number =>
  currency === books.preferences.homeCurrency
    ? 1
    : (draft.ExchangeRate ?? books.preferences.exchangeRates[currency] ?? 1);
