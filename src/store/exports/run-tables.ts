import { sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../../db/database.ts";
import type { StoredExportCursor } from "../../db/tables/exports.ts";

/** How far a run has come with one of its tables. */
export interface ExportRunTable {
  readonly name: string;
  /** undefined: from the beginning. */
  readonly windowStart: string | undefined;
  readonly cursor: StoredExportCursor | undefined;
  readonly isDone: boolean;
  readonly files: number;
  readonly rows: bigint;
  /** null: what was written has no size. */
  readonly bytes: bigint | null;
}

interface Found {
  run_id: string;
  table_name: string;
  window_start: string | null;
  cursor: StoredExportCursor | null;
  is_done: boolean;
  files: bigint;
  rows: string;
  bytes: string | null;
}

/** The tables of runs in their order, by run. */
export async function listExportRunTables(
  db: CoreDb,
  runIds: readonly string[],
): Promise<ReadonlyMap<string, readonly ExportRunTable[]>> {
  const { rows } = await sql<Found>`select part.run_id, part.table_name, part.window_start,
      part.cursor, part.is_done, count(file.part) as files, coalesce(sum(file.rows), 0) as rows,
      sum(file.bytes) as bytes
    from export_run_tables part
    left join export_files file on file.run_id = part.run_id and file.table_name = part.table_name
    where part.run_id = any(${runIds}::uuid[])
    group by part.run_id, part.table_name order by part.run_id, part.place`.execute(db);
  return Map.groupBy(
    rows.map((row) => ({
      runId: row.run_id,
      name: row.table_name,
      windowStart: row.window_start ?? undefined,
      cursor: row.cursor ?? undefined,
      isDone: row.is_done,
      files: Number(row.files),
      rows: BigInt(row.rows),
      bytes: row.bytes === null ? null : BigInt(row.bytes),
    })),
    ({ runId }) => runId,
  );
}

/** Where a run begins each of its tables; tables that are not named begin at their beginning. */
export async function startExportRunTables(
  tx: CoreTransaction,
  runId: string,
  starts: ReadonlyMap<string, string>,
): Promise<void> {
  for (const [name, start] of starts) {
    await sql`update export_run_tables set window_start = ${start}::xid8
      where run_id = ${runId} and table_name = ${name}`.execute(tx);
  }
}

/** Where a table goes on, or that it is done. */
export async function updateExportRunTable(
  tx: CoreTransaction,
  runId: string,
  name: string,
  cursor: StoredExportCursor | undefined,
): Promise<void> {
  await tx
    .updateTable("export_run_tables")
    .set({ cursor: cursor === undefined ? null : JSON.stringify(cursor) })
    .where("run_id", "=", runId)
    .where("table_name", "=", name)
    .execute();
}

/** Nothing of the table is left to write. */
export async function finishExportRunTable(
  tx: CoreTransaction,
  runId: string,
  name: string,
): Promise<void> {
  await tx
    .updateTable("export_run_tables")
    .set({ is_done: true })
    .where("run_id", "=", runId)
    .where("table_name", "=", name)
    .execute();
}

export interface ExportFile {
  readonly tableName: string;
  readonly part: number;
  readonly path: string;
  readonly rows: bigint;
  readonly bytes: bigint | null;
  readonly sha256: string | null;
}

/** Notes a part that is there. */
export async function insertExportFile(
  tx: CoreTransaction,
  runId: string,
  { tableName, part, path, rows, bytes, sha256 }: ExportFile,
): Promise<void> {
  await tx
    .insertInto("export_files")
    .values({ run_id: runId, table_name: tableName, part, path, rows, bytes, sha256 })
    .execute();
}

/** The parts of a run by table and number. */
export async function listExportFiles(db: CoreDb, runId: string): Promise<ExportFile[]> {
  const rows = await db
    .selectFrom("export_files")
    .selectAll()
    .where("run_id", "=", runId)
    .orderBy("table_name")
    .orderBy("part")
    .execute();
  return rows.map((row) => ({
    tableName: row.table_name,
    part: row.part,
    path: row.path,
    rows: row.rows,
    bytes: row.bytes,
    sha256: row.sha256,
  }));
}
