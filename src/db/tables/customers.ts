import type { Generated, InstantColumn, Position } from "../columns.ts";

export interface CustomersTable {
  id: Generated<string>;
  environment_id: string;
  name: string;
  created_at: InstantColumn;
  updated_at: InstantColumn;
  archived_at: InstantColumn | null;
  position: Position;
}

export interface CustomerIngestAliasesTable {
  environment_id: string;
  alias: string;
  customer_id: string;
  position: number;
}
