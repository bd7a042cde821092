import { type Selectable, sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../../db/database.ts";
import type { ExportRunsTable, ExportStatus } from "../../db/tables/exports.ts";
import { notFound } from "../../errors.ts";

/** One export of what changed, or of what stands. */
export interface ExportRun {
  readonly id: string;
  readonly environmentId: string;
  readonly destinationId: string;
  readonly status: ExportStatus;
  readonly cluster: string | null;
  readonly windowEnd: string | null;
  readonly completeUntil: string | null;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly remedy: string;
  } | null;
  readonly attempts: number;
  readonly manifestPath: string | null;
  readonly readAt: string;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly startedAt: string | null;
  readonly completedAt: string | null;
  readonly position: bigint;
}

const fromRow = (row: Selectable<ExportRunsTable>): ExportRun => ({
  id: row.id,
  environmentId: row.environment_id,
  destinationId: row.destination_id,
  status: row.status,
  cluster: row.cluster,
  windowEnd: row.window_end,
  completeUntil: row.complete_until,
  error:
    row.error_code === null
      ? null
      : { code: row.error_code, message: row.error_message ?? "", remedy: row.remedy ?? "" },
  attempts: row.attempts,
  manifestPath: row.manifest_path,
  readAt: row.read_at,
  createdAt: row.created_at,
  createdBy: row.created_by,
  startedAt: row.started_at,
  completedAt: row.completed_at,
  position: row.position,
});

export interface NewExportRun {
  readonly environmentId: string;
  readonly destinationId: string;
  readonly tables: readonly string[];
  readonly createdAt: string;
  readonly createdBy: string;
}

/** Adds a run that waits to begin. */
export async function insertExportRun(
  tx: CoreTransaction,
  { environmentId, destinationId, tables, createdAt, createdBy }: NewExportRun,
): Promise<ExportRun> {
  const row = await tx
    .insertInto("export_runs")
    .values({
      environment_id: environmentId,
      destination_id: destinationId,
      status: "QUEUED",
      cluster: null,
      window_end: null,
      complete_until: null,
      error_code: null,
      error_message: null,
      remedy: null,
      manifest_path: null,
      created_at: createdAt,
      created_by: createdBy,
      started_at: null,
      completed_at: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  await sql`insert into export_run_tables (run_id, place, table_name)
    select ${row.id}::uuid, place, name
    from unnest(${tables}::text[]) with ordinality as given (name, place)`.execute(tx);
  return fromRow(row);
}

/** One of the environment. Throws AppError (not_found). */
export async function getExportRun(
  db: CoreDb,
  environmentId: string,
  id: string,
): Promise<ExportRun> {
  const row = await db
    .selectFrom("export_runs")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("id", "=", id)
    .executeTakeFirst();
  if (row === undefined) throw notFound("export", id);
  return fromRow(row);
}

/** The newest of a destination, or undefined. */
export async function findLastExportRun(
  db: CoreDb,
  destinationId: string,
): Promise<ExportRun | undefined> {
  const row = await db
    .selectFrom("export_runs")
    .selectAll()
    .where("destination_id", "=", destinationId)
    .orderBy("position", "desc")
    .limit(1)
    .executeTakeFirst();
  return row && fromRow(row);
}

export interface ExportRunFilter {
  readonly destinationId: string | undefined;
  readonly status: ExportStatus | undefined;
  readonly after: bigint | undefined;
  readonly limit: number;
}

/** Those of the environment, oldest first; one more than asked. */
export async function listExportRuns(
  db: CoreDb,
  environmentId: string,
  { destinationId, status, after, limit }: ExportRunFilter,
): Promise<ExportRun[]> {
  let query = db
    .selectFrom("export_runs")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .orderBy("position")
    .limit(limit + 1);
  if (destinationId !== undefined) query = query.where("destination_id", "=", destinationId);
  if (status !== undefined) query = query.where("status", "=", status);
  if (after !== undefined) query = query.where("position", ">", after as never);
  return (await query.execute()).map(fromRow);
}

export interface ExportRunChanges {
  readonly status?: ExportStatus;
  readonly cluster?: string;
  readonly windowEnd?: string;
  readonly completeUntil?: string | null;
  readonly error?: ExportRun["error"];
  readonly attempts?: number;
  readonly manifestPath?: string;
  readonly startedAt?: string;
  readonly completedAt?: string | null;
}

/** Changes the given facts and leaves the others; answers whether the run was in one of these statuses. */
export async function updateExportRun(
  db: CoreDb,
  id: string,
  from: readonly ExportStatus[],
  changes: ExportRunChanges,
): Promise<boolean> {
  const { error } = changes;
  const { numUpdatedRows } = await db
    .updateTable("export_runs")
    .set({
      // What is undefined is left as it is.
      status: changes.status,
      cluster: changes.cluster,
      window_end: changes.windowEnd,
      complete_until: changes.completeUntil,
      attempts: changes.attempts,
      manifest_path: changes.manifestPath,
      started_at: changes.startedAt,
      completed_at: changes.completedAt,
      ...(error === undefined
        ? {}
        : {
            error_code: error?.code ?? null,
            error_message: error?.message ?? null,
            remedy: error?.remedy ?? null,
          }),
    })
    .where("id", "=", id)
    .where("status", "in", [...from])
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}
