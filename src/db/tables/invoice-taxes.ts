import type { InstantColumn, Json } from "../columns.ts";

/** One kind of tax; the amount is minor units as text. */
export interface StoredTax {
  readonly name: string;
  readonly percentage: string;
  readonly amount_minor: string;
}

/** Tax that somebody calculated for an invoice, beside what is frozen of it. */
export interface InvoiceTaxesTable {
  invoice_id: string;
  taxes: Json<readonly StoredTax[]>;
  stated_at: InstantColumn;
  stated_by: string;
}
