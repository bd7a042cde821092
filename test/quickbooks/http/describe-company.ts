import type { Books } from "../books/books.ts";

/** Preferences as the API answers them. */
export function describePreferences({ preferences }: Books): Record<string, unknown> {
  const { homeCurrency, booksClosedThrough } = preferences;
  return {
    AccountingInfoPrefs:
      booksClosedThrough === undefined ? {} : { BookCloseDate: booksClosedThrough },
    SalesFormsPrefs: {
      CustomTxnNumbers: preferences.customTxnNumbers,
      AutoApplyCredit: preferences.autoApplyCredit,
      DefaultTerms: { value: preferences.defaultTermId },
    },
    TaxPrefs: { UsingSalesTax: true, PartnerTaxEnabled: preferences.partnerTaxEnabled },
    CurrencyPrefs: {
      MultiCurrencyEnabled: preferences.multiCurrency,
      HomeCurrency: { value: homeCurrency },
    },
    domain: "QBO",
    sparse: false,
    Id: "1",
    SyncToken: "0",
  };
}

export const describeCompany = (books: Books): Record<string, unknown> => ({
  CompanyName: books.name,
  LegalName: books.name,
  Country: books.preferences.country,
  FiscalYearStartMonth: "January",
  domain: "QBO",
  sparse: false,
  Id: "1",
  SyncToken: "0",
});
