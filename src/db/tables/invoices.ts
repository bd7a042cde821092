import type { Generated, InstantColumn, NullableJson, NumericColumn, Position } from "../columns.ts";

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
  finalize_due_at: InstantColumn;
  finalized_at: InstantColumn | null;
  voided_at: InstantColumn | null;
  generation: Generated<number>;
  subtotal: NumericColumn | null;
  total: NumericColumn | null;
  lines: NullableJson<unknown[]>;
  traces: NullableJson<unknown[]>;
  custom_fields: NullableJson<Record<string, unknown>>;
  content_hash: string | null;
  created_at: InstantColumn;
  position: Position;
}
