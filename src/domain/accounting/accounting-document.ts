import type { Decimal } from "../decimal.ts";

/** A total below zero makes an invoice a credit note there: no accounting system has negative invoices. */
export type AccountingKind = "invoice" | "credit_note";

/** What a line is booked under, in the words of the system that the file is for; null: not told. */
export interface AccountingCodes {
  readonly item: string | null;
  readonly accountCode: string | null;
  readonly taxType: string | null;
}

export interface AccountingLine extends AccountingCodes {
  readonly description: string;
  /** Quantity x unit price is the amount, to the last digit: systems multiply once more. */
  readonly quantity: Decimal;
  readonly unitPrice: Decimal;
  /** Whole units of the currency, with no more digits than it has. */
  readonly amount: Decimal;
}

/** An invoice or a credit note as a file for an accounting system has it. The amounts of a credit note are turned round. */
export interface AccountingDocument {
  readonly kind: AccountingKind;
  /** Our id of the invoice or credit note. */
  readonly sourceId: string;
  /** Stable: a document that comes again is the same one. */
  readonly number: string;
  readonly customer: string;
  /** ISO 4217. */
  readonly currency: string;
  /** Calendar dates: "2024-02-01". */
  readonly issuedOn: string;
  readonly dueOn: string;
  readonly lines: readonly AccountingLine[];
  /** The sum of the lines. */
  readonly total: Decimal;
}
