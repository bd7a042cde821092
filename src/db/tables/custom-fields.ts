import type { Generated, InstantColumn, Position } from "../columns.ts";

export interface CustomFieldKeysTable {
  environment_id: string;
  entity: string;
  key: string;
  enforce_uniqueness: Generated<boolean>;
  removed_at: InstantColumn | null;
  position: Position;
}

export interface CustomFieldValuesTable {
  environment_id: string;
  entity: string;
  entity_id: string;
  key: string;
  value: string;
  unique_value: string | null;
}
