import type { Generated, InstantColumn, Position } from "../columns.ts";

export interface SystemNotificationsTable {
  environment_id: string;
  type: string;
  /** null: it is off. */
  enabled_at: InstantColumn | null;
}

export interface OffsetNotificationsTable {
  id: Generated<string>;
  environment_id: string;
  name: string;
  type: string;
  /** As it was written. */
  offset_duration: string;
  uniqueness_key: string | null;
  /** When it was made, or its offset last changed. */
  active_from: InstantColumn;
  created_at: InstantColumn;
  created_by: string;
  archived_at: InstantColumn | null;
  position: Position;
}

/** A change of a commit's or credit's terms; the commit may be gone. */
export interface CommitEditsTable {
  id: string;
  commit_id: string;
  edited_at: InstantColumn;
  position: Position;
}
