import type { InstantColumn, Position } from "../columns.ts";

export interface PackagesTable {
  id: string;
  environment_id: string;
  name: string;
  /** JSON text of what it was created with, money as text. */
  terms: string;
  uniqueness_key: string | null;
  created_at: InstantColumn;
  created_by: string;
  archived_at: InstantColumn | null;
  position: Position;
}

export interface PackageAliasesTable {
  package_id: string;
  environment_id: string;
  name: string;
  starting_at: InstantColumn | null;
  ending_before: InstantColumn | null;
  position: Position;
}
