import type { Generated, InstantColumn, Position } from "../columns.ts";

/** One change of a contract after it was made. */
export interface ContractEditsTable {
  id: Generated<string>;
  environment_id: string;
  contract_id: string;
  uniqueness_key: string | null;
  /** JSON text of what changed, in the shape that the history shows. */
  changes: string;
  /** Of an amendment: from when on it counts. */
  amended_from: Generated<InstantColumn | null>;
  edited_at: InstantColumn;
  edited_by: string;
  position: Position;
}
