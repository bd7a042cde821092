import { type Books, insert } from "./books.ts";
import type { Draft } from "./entity.ts";
import { write } from "./write.ts";

/** The ids of what every company starts with. */
export interface SeedIds {
  /** Of a bank: nothing is earned on it. */
  readonly checking: string;
  readonly incomeAccount: string;
  /** A liability: what is paid ahead and not earned yet. */
  readonly deferredRevenueAccount: string;
  readonly services: string;
  readonly net30: string;
  /** By name: TAX, NON and California, or the codes of VAT. */
  readonly taxCodes: Readonly<Record<string, string>>;
}

const CODES = {
  US: [{ name: "California", percent: 8 }],
  GB: [
    { name: "20.0% S", percent: 20 },
    { name: "5.0% R", percent: 5 },
    { name: "0.0% Z", percent: 0 },
    { name: "Exempt", percent: 0 },
    { name: "No VAT", percent: 0 },
  ],
} as const;

/** In the United States two codes have names for ids. */
const PLAIN_CODES = { US: ["TAX", "NON"], GB: [] } as const;

function addTaxCodes(books: Books): Record<string, string> {
  const { country } = books.preferences;
  const ids: Record<string, string> = {};
  for (const code of PLAIN_CODES[country]) {
    insert(books, "TaxCode", { Name: code, Active: true, Taxable: code === "TAX" }, code);
    ids[code] = code;
  }
  for (const { name, percent } of CODES[country]) {
    const rate = insert(books, "TaxRate", { Name: name, Active: true, RateValue: percent });
    const list = { TaxRateDetail: [{ TaxRateRef: { value: rate.Id, name } }] };
    const code: Draft = { Name: name, Active: true, Taxable: true, SalesTaxRateList: list };
    ids[name] = insert(books, "TaxCode", code).Id;
  }
  return ids;
}

/** Accounts, an item, terms and tax codes, as a new company has them. */
export function seedBooks(books: Books): SeedIds {
  const account = (Name: string, AccountType: string) =>
    write(books, "Account", { Name, AccountType }).Id;
  const checking = account("Checking", "Bank");
  const incomeAccount = account("Services", "Income");
  const deferredRevenueAccount = account("Deferred Revenue", "Other Current Liability");
  account("Accounts Receivable (A/R)", "Accounts Receivable");
  const item = { Name: "Services", Type: "Service", IncomeAccountRef: { value: incomeAccount } };
  const services = write(books, "Item", item).Id;
  write(books, "Term", { Name: "Due on receipt", DueDays: 0 });
  write(books, "Term", { Name: "Net 15", DueDays: 15 });
  const net30 = write(books, "Term", { Name: "Net 30", DueDays: 30 }).Id;
  const taxCodes = addTaxCodes(books);
  books.preferences.defaultItemId = services;
  books.preferences.defaultTermId = net30;
  return { checking, incomeAccount, deferredRevenueAccount, services, net30, taxCodes };
}
