import type { ExportFile, ExportRunTable } from "../../store/exports/run-tables.ts";
import type { OperationContext } from "../context.ts";
import type { BegunExport } from "./begin-export.ts";
import { columnsOf } from "./export-table.ts";
import { findExportTable } from "./tables.ts";

/** Numbers of rows and bytes of one run are far from where JSON's numbers end. */
const toNumber = (value: bigint | null): number | null => (value === null ? null : Number(value));

/** What a run wrote, for whoever takes it in from there. docs/export.md describes it. */
export function toManifest(
  ctx: OperationContext,
  run: BegunExport,
  parts: readonly ExportRunTable[],
  files: readonly ExportFile[],
): Readonly<Record<string, unknown>> {
  const byTable = Map.groupBy(files, ({ tableName }) => tableName);
  return {
    run_id: run.id,
    destination_id: run.destinationId,
    environment_type: ctx.environment.name,
    started_at: run.startedAt,
    read_at: run.readAt,
    complete_until: run.completeUntil,
    tables: parts.map(({ name, windowStart, rows, bytes }) => {
      const table = findExportTable(name);
      return {
        table: name,
        mode: table?.mode,
        columns: table === undefined ? [] : columnsOf(table),
        ...(table?.mode === "incremental"
          ? { changes: { from: windowStart ?? null, before: run.windowEnd } }
          : {}),
        rows: toNumber(rows),
        bytes: toNumber(bytes),
        files: (byTable.get(name) ?? []).map((file) => ({
          path: file.path,
          rows: toNumber(file.rows),
          bytes: toNumber(file.bytes),
          sha256: file.sha256,
        })),
      };
    }),
  };
}
