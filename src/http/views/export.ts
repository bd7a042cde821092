import { columnsOf, type ExportTable } from "../../operations/exports/export-table.ts";
import type { ExportDestination } from "../../store/exports/destinations.ts";
import type { ExportRunTable } from "../../store/exports/run-tables.ts";
import type { ExportRun } from "../../store/exports/runs.ts";

/** A destination without its credential, which is never shown. */
export const toExportDestinationView = (destination: ExportDestination) => ({
  id: destination.id,
  name: destination.name,
  kind: destination.kind,
  format: destination.format,
  tables: destination.tables,
  every_hours: destination.everyHours,
  settings: destination.settings,
  has_credential: destination.credential !== null,
  created_at: destination.createdAt,
  created_by: destination.createdBy,
  updated_at: destination.updatedAt,
});

const toStatus = ({ isDone, cursor, files }: ExportRunTable): string => {
  if (isDone) return "COMPLETED";
  return cursor === undefined && files === 0 ? "WAITING" : "RUNNING";
};

/** A run with how far it has come. */
export const toExportView = (run: ExportRun, tables: readonly ExportRunTable[]) => ({
  id: run.id,
  destination_id: run.destinationId,
  status: run.status,
  tables: tables.map((table) => ({
    table: table.name,
    status: toStatus(table),
    files: table.files,
    rows: table.rows,
    bytes: table.bytes,
  })),
  manifest_path: run.manifestPath,
  attempts: run.attempts,
  error: run.error,
  created_at: run.createdAt,
  created_by: run.createdBy,
  started_at: run.startedAt,
  complete_until: run.completeUntil,
  completed_at: run.completedAt,
});

/** A table that can be exported, with its columns. */
export const toExportTableView = (table: ExportTable) => ({
  table: table.name,
  mode: table.mode,
  key: table.key,
  columns: columnsOf(table),
});
