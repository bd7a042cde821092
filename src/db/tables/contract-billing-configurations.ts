import type { Generated, InstantColumn, Position } from "../columns.ts";

/** A billing configuration that a contract took on after it was made. */
export interface ContractBillingConfigurationsTable {
  id: Generated<string>;
  contract_id: string;
  configuration_id: string;
  /** Invoices whose period ends after it, or that are issued after it, go this way. */
  effective_at: InstantColumn;
  created_at: InstantColumn;
  created_by: string;
  position: Position;
}
