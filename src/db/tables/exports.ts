import type { Generated, InstantColumn, Json, NullableJson, Position } from "../columns.ts";

export interface ExportDestinationsTable {
  id: Generated<string>;
  environment_id: string;
  name: string;
  kind: "folder" | "s3" | "postgres";
  /** null: rows go into tables. */
  format: "parquet" | "csv" | null;
  tables: Json<string[]>;
  /** null: only when it is asked for. */
  every_hours: number | null;
  /** Where it is, as the API shows it. */
  settings: Json<Readonly<Record<string, unknown>>>;
  /** Sealed JSON; null: it needs none. */
  credential: string | null;
  created_at: InstantColumn;
  created_by: string;
  updated_at: InstantColumn;
  archived_at: InstantColumn | null;
  position: Position;
}

export interface ExportCursorsTable {
  destination_id: string;
  table_name: string;
  /** Every change of a transaction before this one is there. */
  exported_until: string;
  /** The database cluster that the transaction's number is of. */
  cluster: string;
  /** Of a snapshot table: the day of the last one. */
  snapshot_day: string | null;
}

export type ExportStatus = "QUEUED" | "RUNNING" | "COMPLETED" | "FAILED" | "CANCELED";

export interface ExportRunsTable {
  id: Generated<string>;
  environment_id: string;
  destination_id: string;
  status: ExportStatus;
  /** null: it has not begun. */
  cluster: string | null;
  /** Changes of this transaction and later ones are left to the next run. */
  window_end: string | null;
  /** What was committed before is in it. null: it has not begun, or the server did not say. */
  complete_until: InstantColumn | null;
  error_code: string | null;
  error_message: string | null;
  remedy: string | null;
  attempts: Generated<number>;
  manifest_path: string | null;
  /** On the real clock, which never goes back: `updated_at` of its rows. */
  read_at: Generated<InstantColumn>;
  created_at: InstantColumn;
  created_by: string;
  started_at: InstantColumn | null;
  completed_at: InstantColumn | null;
  position: Position;
}

/** Where the rows of a table go on; what it means is the table's own. */
export type StoredExportCursor = readonly (string | number)[];

export interface ExportRunTablesTable {
  run_id: string;
  place: number;
  table_name: string;
  /** null: from the beginning. */
  window_start: string | null;
  cursor: NullableJson<StoredExportCursor>;
  is_done: Generated<boolean>;
}

export interface ExportFilesTable {
  run_id: string;
  table_name: string;
  part: number;
  path: string;
  rows: bigint;
  /** null: rows of a table. */
  bytes: bigint | null;
  sha256: string | null;
}
