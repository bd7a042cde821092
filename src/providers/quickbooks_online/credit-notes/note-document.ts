import type { Decimal } from "../../../domain/decimal.ts";
import type { WantedLine } from "../document.ts";

/**
 * A credit note of ours as a credit memo: what of it follows from the credited invoice in the books (its
 * customer, currency, rate and number) is looked up first. Amounts in whole units of the currency, exact.
 */
export interface QuickBooksNote {
  /** The company's id. */
  readonly realmId: string;
  readonly noteId: string;
  /** The credited document's id in the books. */
  readonly externalInvoiceId: string;
  readonly wanted: "issued" | "void";
  /** Numbers that it may have, best first. */
  readonly numbers: readonly [string, string];
  /** ISO 8601. */
  readonly date: string;
  readonly note: string;
  /** For the payer; null: it says which invoice is credited. */
  readonly memo: string | null;
  /** Documents name a currency: the company keeps several. */
  readonly multicurrency: boolean;
  readonly homeCurrency: string;
  readonly taxCodeId: string | undefined;
  readonly lines: readonly WantedLine[];
  /** Without tax. */
  readonly total: Decimal;
  /** Takes lines of products without an item of their own. */
  readonly defaultItemId: string | undefined;
}

const markOf = (noteId: string): string => `credit_note=${noteId}`;

/** For the people who keep the books, and how it is found again. It does not name an invoice as invoices do. */
export const toMark = (noteId: string, invoiceId: string, reason: string): string =>
  [markOf(noteId), `credits=${invoiceId}`, `reason=${reason}`].join("; ");

/** Whether a text in the books names our credit note in whole. */
export const isMarkOf = (text: unknown, noteId: string): boolean =>
  typeof text === "string" && text.includes(markOf(noteId));
