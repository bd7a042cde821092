import type { Generated, InstantColumn, Position } from "../columns.ts";

export interface CustomersTable {
  id: Generated<string>;
  environment_id: string;
  name: string;
  salesforce_account_id: string | null;
  created_at: InstantColumn;
  updated_at: InstantColumn;
  archived_at: InstantColumn | null;
  /** Raised by everything that decides draw-downs of the customer's commits: they take turns on it. */
  invoicing_epoch: Generated<bigint>;
  position: Position;
}

export interface CustomerIngestAliasesTable {
  environment_id: string;
  alias: string;
  customer_id: string;
  position: number;
}
