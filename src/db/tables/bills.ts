import type { BillJobTerms } from "../../domain/integrations/bill-job.ts";
import type {
  Generated,
  InstantColumn,
  Json,
  NullableJson,
  NumericColumn,
  Position,
} from "../columns.ts";
import type { StoredLine } from "./invoices.ts";

export interface BillJobsTable {
  id: Generated<string>;
  environment_id: string;
  type: "CREATE" | "RECALCULATE";
  status: Generated<"PENDING" | "INITIALIZING" | "RUNNING" | "COMPLETE" | "CANCELLED">;
  /** Asked for by the organization's schedule. */
  scheduled: Generated<boolean>;
  terms: Json<BillJobTerms>;
  /** Position of the last customer that is done. */
  done_until: Generated<bigint>;
  calculated: Generated<number>;
  regenerated: Generated<number>;
  version: Generated<number>;
  created_at: InstantColumn;
  created_by: string;
  updated_at: InstantColumn;
  updated_by: string;
  position: Position;
}

export interface BillCalculationsTable {
  invoice_id: string;
  version: number;
  content_hash: string;
  /** Exact, in the wire unit of the invoice's currency. */
  total: NumericColumn;
  /** When this version came about. */
  regenerated_at: InstantColumn;
  /** When it was last found unchanged. */
  calculated_at: InstantColumn;
  /** The job of that last calculation; null: a schedule or a single recalculation. */
  bill_job_id: string | null;
  /** Of the last content only. */
  lines: NullableJson<readonly StoredLine[]>;
}

export interface BillDetailsTable {
  invoice_id: string;
  /** Calendar dates. */
  due_date: string | null;
  external_invoice_date: string | null;
}

export interface OrganizationSettingsTable {
  environment_id: string;
  /** null: bills are not calculated by a schedule. */
  scheduled_bill_interval_minutes: number | null;
  next_scheduled_at: InstantColumn | null;
  days_before_bill_due: number | null;
  version: Generated<number>;
  updated_at: InstantColumn;
  updated_by: string;
}
