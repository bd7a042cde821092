import type { Decimal } from "../../domain/decimal.ts";

export type DocumentKind = "Invoice" | "CreditMemo";

/** A customer of the company: by its id, or by the name under which it is looked for and made. */
export type WantedCustomer =
  | { readonly id: string }
  | {
      readonly id: undefined;
      readonly name: string;
      readonly ourId: string;
      /** The custom field holds its id in another company, and keeps it. */
      readonly isMappedElsewhere?: boolean;
    };

/** An item of the company: by its id, or by the name under which it is looked for and made. */
export type WantedItem =
  | { readonly id: string }
  | {
      readonly id: undefined;
      readonly name: string;
      readonly productId: string;
      /** As of a customer. */
      readonly isMappedElsewhere?: boolean;
    };

/** One line as it is sent; amounts in whole units of the currency, exact. */
export interface WantedLine {
  readonly amount: Decimal;
  readonly quantity: Decimal;
  readonly unitPrice: Decimal;
  readonly description: string;
  readonly item: WantedItem;
}

/** A document as we want it: what of it needs the company to be known is looked up first. */
export interface QuickBooksDocument {
  readonly kind: DocumentKind;
  /** The company's id. */
  readonly realmId: string;
  /** In which amounts are that name no currency. */
  readonly homeCurrency: string;
  readonly invoiceId: string;
  readonly customer: WantedCustomer;
  /** Numbers that it may have, best first. */
  readonly numbers: readonly [string, string];
  /** Dates as ISO 8601. */
  readonly date: string;
  readonly dueDate: string | undefined;
  readonly termId: string | undefined;
  readonly note: string;
  readonly memo: string;
  /** undefined: the company keeps one currency, and is told none. */
  readonly currency: string | undefined;
  readonly exchangeRate: Decimal | undefined;
  /** Every line's tax code; undefined: lines name none. */
  readonly taxCodeId: string | undefined;
  readonly lines: readonly WantedLine[];
  /** Without tax, in whole units; never below zero: a credit memo states what it credits. */
  readonly total: Decimal;
  readonly createCustomers: boolean;
  /** The income account of items that are made; undefined: none are made. */
  readonly incomeAccountId: string | undefined;
  /** Takes lines of products without an item of their own. */
  readonly defaultItemId: string | undefined;
}
