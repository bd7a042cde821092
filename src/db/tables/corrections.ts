import type { CommitType } from "../../domain/commits/commit.ts";
import type { LateUsagePolicy } from "../../domain/invoices/policies.ts";
import type { Generated, InstantColumn, Json, NumericColumn, Position } from "../columns.ts";
import type { StoredLine, StoredUsageInput } from "./invoices.ts";

/** What an invoice took of a segment. */
export interface StoredDrawDown {
  commitId: string;
  segmentId: string;
  commitType: CommitType;
  amount: string;
  at: string;
}

/** A correction of what an invoice billed of usage, and what is billed of it since then. */
export interface UsageCorrectionsTable {
  id: string;
  environment_id: string;
  /** The corrected one. */
  invoice_id: string;
  /** From 1. */
  sequence: number;
  policy: Exclude<LateUsagePolicy, "report">;
  /** The invoice that bills the difference; null: credit notes give it back. */
  carrier_invoice_id: string | null;
  /** The difference, in the unit of the invoice's credit type. */
  total: NumericColumn;
  billed_lines: Json<StoredLine[]>;
  draw_downs: Json<StoredDrawDown[]>;
  usage_inputs: Json<StoredUsageInput[]>;
  created_at: InstantColumn;
  voided_at: InstantColumn | null;
}

/** What is credited of one line. */
export interface StoredCreditLine {
  lineKey: string | null;
  name: string;
  /** Money, in the unit of the invoice's credit type. */
  amount: string;
  /** Value that a commit or credit has again. */
  returned: (Omit<StoredDrawDown, "at"> & { amount: string }) | null;
}

export interface CreditNotesTable {
  id: string;
  environment_id: string;
  customer_id: string;
  contract_id: string;
  invoice_id: string;
  /** The correction that it is a part of; null: a person's. */
  correction_id: string | null;
  status: "ISSUED" | "VOID";
  reason: string;
  memo: string | null;
  credit_type_id: string;
  lines: Json<StoredCreditLine[]>;
  /** Tax included. */
  total: NumericColumn;
  tax: NumericColumn;
  /** In minor units, rounded as its invoice; null: it is older than that was kept, and went nowhere. */
  amount_minor: bigint | null;
  issued_at: InstantColumn;
  issued_by: string;
  voided_at: InstantColumn | null;
  position: Position;
}

/** Where a credit note goes: to the provider that has its invoice. */
export interface CreditNoteDeliveriesTable {
  credit_note_id: string;
  /** The delivery of its invoice that it follows. */
  run_id: string;
  /** What it comes to at the provider, fixed when it was issued. */
  amount_minor: bigint;
  status: "QUEUED" | "SENT" | "SKIPPED" | "FAILED";
  external_id: string | null;
  error_code: string | null;
  error_message: string | null;
  /** How many keys of a write are used up. */
  key_generation: Generated<number>;
  updated_at: InstantColumn;
}
