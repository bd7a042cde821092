import type {
  Generated,
  InstantColumn,
  NullableJson,
  NumericColumn,
  Position,
} from "../columns.ts";

export interface InvoicesTable {
  id: string;
  environment_id: string;
  customer_id: string;
  contract_id: string;
  type: "USAGE" | "SCHEDULED";
  status: "DRAFT" | "FINALIZED" | "VOID";
  credit_type_id: string;
  start_at: InstantColumn | null;
  end_at: InstantColumn | null;
  issued_at: InstantColumn | null;
  /** USAGE: null until the period has ended, because only then its grace is known. */
  finalize_due_at: InstantColumn | null;
  finalized_at: InstantColumn | null;
  voided_at: InstantColumn | null;
  generation: Generated<number>;
  subtotal: NumericColumn | null;
  total: NumericColumn | null;
  lines: NullableJson<unknown[]>;
  traces: NullableJson<Record<string, unknown>>;
  usage_inputs: NullableJson<unknown[]>;
  unpriced: NullableJson<unknown[]>;
  custom_fields: NullableJson<Record<string, Record<string, Record<string, string>>>>;
  content_hash: string | null;
  created_at: InstantColumn;
  position: Position;
}
