import type { FindingClass, Severity } from "../../domain/reconciliation/finding-class.ts";
import type {
  DefaultedInstant,
  DefaultedJson,
  Generated,
  InstantColumn,
  Json,
  NullableJson,
  Position,
} from "../columns.ts";

export interface ReconciliationSettingsTable {
  environment_id: string;
  schedule: Generated<"off" | "daily">;
  automatic_classes: DefaultedJson<readonly FindingClass[]>;
}

/** What is compared; an absent bound is none. */
export interface ReconciliationFilter {
  readonly connectionId?: string | undefined;
  readonly provider?: string | undefined;
  readonly startingOn?: string | undefined;
  readonly endingBefore?: string | undefined;
  readonly invoiceIds?: readonly string[] | undefined;
}

/** How far a comparison has come: deliveries first, then the documents of one account after another. */
export interface ReconciliationCursor {
  /** Position of the last delivery that was compared; decimal text. */
  readonly after?: string | undefined;
  /** Accounts whose documents are still to be listed; absent: deliveries are not through yet. */
  readonly connectionIds?: readonly string[] | undefined;
  readonly page?: string | undefined;
}

export interface ReconciliationsTable {
  id: Generated<string>;
  environment_id: string;
  status: "QUEUED" | "RUNNING" | "COMPLETED" | "FAILED";
  filter: Json<ReconciliationFilter>;
  automatic_classes: Json<readonly FindingClass[]>;
  total: Generated<number>;
  /** Deliveries that were compared. */
  checked: Generated<number>;
  /** Documents of ours that were listed at the providers. */
  documents: Generated<number>;
  cursor: Json<ReconciliationCursor>;
  error_code: string | null;
  error_message: string | null;
  created_at: InstantColumn;
  created_by: string;
  started_at: InstantColumn | null;
  completed_at: InstantColumn | null;
  position: Position;
}

export type FindingState =
  | "PROPOSED"
  | "APPLYING"
  | "APPLIED"
  | "VERIFIED"
  | "RESOLVED"
  | "REFUSED"
  | "FAILED";

/** What would be done, as it was proposed. */
export interface StoredRepair {
  readonly action: string;
  readonly description: string;
  readonly requests: readonly {
    readonly method: string;
    readonly path: string;
    readonly params: Readonly<Record<string, unknown>>;
  }[];
}

export interface ReconciliationFindingsTable {
  /** Made of the reconciliation and what was found. */
  id: string;
  reconciliation_id: string;
  class: FindingClass;
  severity: Severity;
  connection_id: string | null;
  run_id: string | null;
  invoice_id: string | null;
  external_id: string | null;
  /** Which part of the document: a line's key, a credit note; empty: the document. */
  subject: string;
  expected: Json<Readonly<Record<string, unknown>>>;
  found: Json<Readonly<Record<string, unknown>>>;
  repair: Json<StoredRepair>;
  state: FindingState;
  reason: string | null;
  approved_by: string | null;
  created_at: InstantColumn;
  updated_at: InstantColumn;
  position: Position;
}

export interface ReconciliationStepsTable {
  finding_id: string;
  position: number;
  step: string;
  key_generation: number;
  intent: Json<Record<string, unknown>>;
  outcome: "accepted" | "rejected" | "retry" | null;
  result: NullableJson<Record<string, unknown>>;
  started_at: DefaultedInstant;
  finished_at: InstantColumn | null;
}
