import type {
  DefaultedInstant,
  DefaultedJson,
  Generated,
  InstantColumn,
  Json,
  NullableJson,
  NumericColumn,
  Position,
} from "../columns.ts";

export interface IntegrationRunsTable {
  id: Generated<string>;
  environment_id: string;
  invoice_id: string;
  invoice_version: number;
  connection_id: string | null;
  provider: string;
  route: Json<Record<string, unknown>>;
  status: "QUEUED" | "RUNNING" | "SENT" | "SKIPPED" | "FAILED";
  /** null: the billing configuration of the customer or the contract sent it. */
  configuration_id: string | null;
  /** Another run delivers the same invoice to the same account: this one is skipped. */
  duplicate_of_run_id: string | null;
  /** Between two attempts: what the next one waits for. */
  waits_for: "retry" | "rate_limit" | null;
  /** What the invoice comes to, and the part of it that was sent. null: not begun yet. */
  bill_total: NumericColumn | null;
  sent_total: NumericColumn | null;
  started_at: InstantColumn | null;
  concluded_at: InstantColumn | null;
  /** It sends what the invoice was while it was a draft. */
  is_draft: Generated<boolean>;
  external_id: string | null;
  external_status: string | null;
  external_details: DefaultedJson<Record<string, unknown>>;
  external_observed_at: InstantColumn | null;
  delivered_at: InstantColumn | null;
  waiting_since: InstantColumn | null;
  waiting_for: string | null;
  /** By when a system that fetches invoices should have written back; null: nobody waits for that. */
  write_back_due_at: InstantColumn | null;
  error_code: string | null;
  error_message: string | null;
  attempts: Generated<number>;
  created_at: InstantColumn;
  updated_at: InstantColumn;
  position: Position;
}

export interface IntegrationRunStepsTable {
  run_id: string;
  position: number;
  step: string;
  key_generation: Generated<number>;
  intent: Json<Record<string, unknown>>;
  outcome: "accepted" | "rejected" | "retry" | null;
  result: NullableJson<Record<string, unknown>>;
  started_at: DefaultedInstant;
  finished_at: InstantColumn | null;
}

export interface ExternalStatusChangesTable {
  run_id: string;
  position: Position;
  status: string | null;
  changed_at: InstantColumn;
  observed_at: InstantColumn;
  details_hash: string;
  source_event_id: string | null;
}
