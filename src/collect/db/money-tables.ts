import type { ColumnType, Generated } from "kysely";
import type { InstantColumn, JsonColumn, Metadata, ObjectColumns } from "./foundation-tables.ts";
import type { JsonListColumn, StoredDiscountAmount, StoredTax } from "./totals-tables.ts";

/** What became of a payment that was made elsewhere; null: it is on its way. */
export type PaymentOutcome = "guaranteed" | "failed" | "canceled";

export interface PayerDetails {
  readonly email: string | null;
  readonly name: string | null;
  readonly phone: string | null;
}

/** A payment that was made elsewhere and is reported here. */
export interface PaymentRecordsTable extends ObjectColumns {
  customer: string | null;
  currency: string;
  requested_minor: bigint;
  initiated_at: InstantColumn;
  /** When its outcome came about. */
  ended_at: InstantColumn | null;
  outcome: PaymentOutcome | null;
  refunded_minor: Generated<bigint>;
  description: string | null;
  customer_details: JsonColumn<PayerDetails>;
  /** "Bank transfer". */
  method_name: string | null;
  method_type: string | null;
  /** How the one who received the money names the payment. */
  payment_reference: string | null;
  metadata: JsonColumn<Metadata>;
}

export type RefundReason = "duplicate" | "fraudulent" | "requested_by_customer";

/** Money of a charge that went back. */
export interface RefundsTable extends ObjectColumns {
  charge: string;
  payment_intent: string;
  customer: string;
  amount_minor: bigint;
  currency: string;
  reason: RefundReason | null;
  metadata: JsonColumn<Metadata>;
}

export type CreditNoteReason =
  | "duplicate"
  | "fraudulent"
  | "order_change"
  | "product_unsatisfactory";

/** A refund that a credit note stands for; minor units as text. */
export interface NotedRefund {
  readonly refund: string;
  readonly amount: string;
}

/** What is taken back of a finalized invoice. Amounts are positive. */
export interface CreditNotesTable extends ObjectColumns {
  invoice: string;
  customer: string;
  /** "AB12CD34-0001-CN-01". */
  number: string;
  currency: string;
  status: "issued" | "void";
  reason: CreditNoteReason | null;
  memo: string | null;
  metadata: JsonColumn<Metadata>;
  effective_at: InstantColumn | null;
  /** Its lines, before discounts and taxes. */
  subtotal_minor: bigint;
  total_minor: bigint;
  /** What of it lowers what was still to be paid; the rest goes back in one of three ways. */
  before_payment_minor: bigint;
  /** To the customer's balance. */
  credited_minor: bigint;
  out_of_band_minor: bigint;
  refunds: ColumnType<readonly NotedRefund[], string, string>;
  balance_transaction: string | null;
  discount_amounts: ColumnType<readonly StoredDiscountAmount[], string, string>;
  taxes: ColumnType<readonly StoredTax[], string, string>;
  voided_at: InstantColumn | null;
  /** What makes the link to its document unguessable. */
  link_token: string;
}

export interface CreditNoteLinesTable extends ObjectColumns {
  credit_note: string;
  position: number;
  /** "il_..." of the invoice; null: a line of its own. */
  invoice_line: string | null;
  description: string | null;
  /** Before discounts and taxes. */
  amount_minor: bigint;
  quantity: bigint | null;
  unit_amount: string | null;
  discount_amounts: JsonListColumn<StoredDiscountAmount>;
  taxes: JsonListColumn<StoredTax>;
  metadata: JsonColumn<Metadata>;
}

export interface MoneyTables {
  payment_records: PaymentRecordsTable;
  refunds: RefundsTable;
  credit_notes: CreditNotesTable;
  credit_note_lines: CreditNoteLinesTable;
}
