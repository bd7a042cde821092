import type { Generated, InstantColumn, Json, Position } from "../columns.ts";

export interface UsageMetersTable {
  configuration_id: string;
  environment_id: string;
  customer_id: string;
  provider: string;
  /** End of the last window that was looked at. */
  planned_until: InstantColumn | null;
}

export interface MeteredInvoicesTable {
  configuration_id: string;
  invoice_id: string;
  /** What it comes to; null: it is not final, or was taken over by another configuration. */
  amount_minor: bigint | null;
  /** Minor units that are on reports, those aside that were not taken in time. */
  reported_minor: Generated<bigint>;
}

export interface StoredReportPart {
  invoiceId: string;
  /** Below zero: it was reported too much of it before. */
  amountMinor: string;
}

export interface UsageReportsTable {
  id: Generated<string>;
  environment_id: string;
  customer_id: string;
  configuration_id: string;
  connection_id: string;
  provider: string;
  /** Records of one call share it. */
  batch_key: string;
  /** In the provider's words: it is sent like this each time. */
  record: Json<Record<string, unknown>>;
  window_start: InstantColumn;
  window_end: InstantColumn;
  deadline_at: InstantColumn;
  quantity: bigint;
  /** What of which invoice, as decimal text: together the quantity. */
  parts: Json<StoredReportPart[]>;
  status: Generated<"PENDING" | "SENT" | "EXPIRED" | "UNKNOWN">;
  /** A call with it has no answer. */
  maybe_accepted: Generated<boolean>;
  attempts: Generated<number>;
  record_id: string | null;
  error_code: string | null;
  error_message: string | null;
  sent_at: InstantColumn | null;
  created_at: InstantColumn;
  updated_at: InstantColumn;
  position: Position;
}
