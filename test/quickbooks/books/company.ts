import type { Clock } from "../clock.ts";
import { dec, sum, toNumber } from "../decimal.ts";
import {
  type Books,
  type Change,
  emptyTables,
  find,
  get,
  list,
  type Preferences,
} from "./books.ts";
import type { Draft, Entity, EntityName } from "./entity.ts";
import { type SeedIds, seedBooks } from "./seed.ts";
import { deleteTransaction, voidTransaction, write } from "./write.ts";

export interface CompanyOptions {
  readonly realmId?: string;
  readonly name?: string;
  readonly country?: "US" | "GB";
  readonly homeCurrency?: string;
  readonly multiCurrency?: boolean;
  readonly customTxnNumbers?: boolean;
  readonly partnerTaxEnabled?: boolean;
  readonly autoApplyCredit?: boolean;
  readonly exchangeRates?: Readonly<Record<string, number>>;
}

export type Changes = { [Key in keyof Draft]: Draft[Key] | null };

/** A company as the people in it see and change it; the API's rules hold for them too. */
export interface Company {
  readonly realmId: string;
  readonly preferences: Preferences;
  readonly ids: SeedIds;
  list(name: EntityName): Entity[];
  get(name: EntityName, id: string): Entity | undefined;
  create(name: EntityName, fields: Draft): Entity;
  /** A name is enough. */
  addCustomer(fields: string | Draft): Entity;
  /** A service that earns on the income account, unless the fields say otherwise. */
  addItem(fields: string | Draft): Entity;
  /** Changes these fields and keeps the others; null empties one. */
  edit(name: EntityName, id: string, changes: Changes): Entity;
  /** A customer pays an invoice, in whole unless an amount is given. */
  pay(invoiceId: string, amount?: number): Entity;
  void(name: EntityName, id: string): Entity;
  delete(name: EntityName, id: string): void;
}

/** A customer owes what is open on the invoices. */
export function withBalance(books: Books, name: EntityName, entity: Entity): Entity {
  if (name !== "Customer") return entity;
  const own = list(books, "Invoice").filter(({ CustomerRef }) => CustomerRef?.value === entity.Id);
  return { ...entity, Balance: toNumber(sum(own.map(({ Balance = 0 }) => dec(Balance)))) };
}

export function openBooks(
  clock: Clock,
  realmId: string,
  options: CompanyOptions,
  onChange: (change: Change) => void,
): Books {
  const country = options.country ?? "US";
  return {
    realmId,
    name: options.name ?? "Stand-in Company",
    clock,
    preferences: {
      country,
      homeCurrency: options.homeCurrency ?? (country === "US" ? "USD" : "GBP"),
      customTxnNumbers: options.customTxnNumbers ?? false,
      multiCurrency: options.multiCurrency ?? false,
      partnerTaxEnabled: options.partnerTaxEnabled ?? false,
      autoApplyCredit: options.autoApplyCredit ?? false,
      booksClosedThrough: undefined,
      exchangeRates: { ...options.exchangeRates },
      defaultTermId: "",
      defaultItemId: "",
    },
    tables: emptyTables(),
    changes: [],
    onChange,
    counters: new Map(),
  };
}

export function openCompany(books: Books): Company {
  const ids = seedBooks(books);
  const tokenOf = (name: EntityName, id: string): Draft => {
    const { Id, SyncToken } = get(books, name, id);
    return { Id, SyncToken };
  };
  const currencyOf = (customer: string | undefined): Draft => {
    const { CurrencyRef } = get(books, "Customer", customer ?? "");
    return books.preferences.multiCurrency && CurrencyRef !== undefined ? { CurrencyRef } : {};
  };
  return {
    realmId: books.realmId,
    preferences: books.preferences,
    ids,
    list: (name) => list(books, name).map((entity) => withBalance(books, name, entity)),
    get(name, id) {
      const entity = find(books, name, id);
      return entity && withBalance(books, name, entity);
    },
    create: (name, fields) => write(books, name, fields),
    addCustomer: (fields) =>
      write(books, "Customer", typeof fields === "string" ? { DisplayName: fields } : fields),
    addItem: (fields) =>
      write(books, "Item", {
        Type: "Service",
        IncomeAccountRef: { value: ids.incomeAccount },
        ...(typeof fields === "string" ? { Name: fields } : fields),
      }),
    edit: (name, id, changes) =>
      write(books, name, { ...changes, ...tokenOf(name, id), sparse: true }),
    pay(invoiceId, amount) {
      const invoice = get(books, "Invoice", invoiceId);
      const paid = amount ?? invoice.Balance ?? 0;
      return write(books, "Payment", {
        CustomerRef: { value: invoice.CustomerRef?.value },
        ...currencyOf(invoice.CustomerRef?.value),
        TotalAmt: paid,
        Line: [{ Amount: paid, LinkedTxn: [{ TxnId: invoiceId, TxnType: "Invoice" }] }],
      });
    },
    void: (name, id) => voidTransaction(books, name, tokenOf(name, id)),
    delete: (name, id) => void deleteTransaction(books, name, tokenOf(name, id)),
  };
}
