import { type Selectable, sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../../db/database.ts";
import type { ExportDestinationsTable } from "../../db/tables/exports.ts";
import { notFound } from "../../errors.ts";

/** Somewhere that an environment's data is exported to. */
export interface ExportDestination {
  readonly id: string;
  readonly environmentId: string;
  readonly name: string;
  readonly kind: ExportDestinationsTable["kind"];
  readonly format: ExportDestinationsTable["format"];
  readonly tables: readonly string[];
  /** null: only when it is asked for. */
  readonly everyHours: number | null;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Sealed. */
  readonly credential: string | null;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly updatedAt: string;
  readonly archivedAt: string | null;
  readonly position: bigint;
}

const fromRow = (row: Selectable<ExportDestinationsTable>): ExportDestination => ({
  id: row.id,
  environmentId: row.environment_id,
  name: row.name,
  kind: row.kind,
  format: row.format,
  tables: row.tables,
  everyHours: row.every_hours,
  settings: row.settings,
  credential: row.credential,
  createdAt: row.created_at,
  createdBy: row.created_by,
  updatedAt: row.updated_at,
  archivedAt: row.archived_at,
  position: row.position,
});

export type NewExportDestination = Omit<ExportDestination, "id" | "archivedAt" | "position">;

/** Adds a destination. */
export async function insertExportDestination(
  tx: CoreTransaction,
  added: NewExportDestination,
): Promise<ExportDestination> {
  const row = await tx
    .insertInto("export_destinations")
    .values({
      environment_id: added.environmentId,
      name: added.name,
      kind: added.kind,
      format: added.format,
      tables: JSON.stringify(added.tables),
      every_hours: added.everyHours,
      settings: JSON.stringify(added.settings),
      credential: added.credential,
      created_at: added.createdAt,
      created_by: added.createdBy,
      updated_at: added.updatedAt,
      archived_at: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return fromRow(row);
}

/** One of the environment, deleted or not, or undefined. */
export async function findExportDestination(
  db: CoreDb,
  environmentId: string,
  id: string,
): Promise<ExportDestination | undefined> {
  const row = await db
    .selectFrom("export_destinations")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("id", "=", id)
    .executeTakeFirst();
  return row && fromRow(row);
}

/** One that is not deleted. Throws AppError (not_found). */
export async function getExportDestination(
  db: CoreDb,
  environmentId: string,
  id: string,
): Promise<ExportDestination> {
  const found = await findExportDestination(db, environmentId, id);
  if (found === undefined || found.archivedAt !== null) throw notFound("export destination", id);
  return found;
}

/** As getExportDestination, and nobody else changes it or begins a run of it meanwhile. */
export async function lockExportDestination(
  tx: CoreTransaction,
  environmentId: string,
  id: string,
): Promise<ExportDestination> {
  await tx
    .selectFrom("export_destinations")
    .select("id")
    .where("id", "=", id)
    .where("environment_id", "=", environmentId)
    .forUpdate()
    .execute();
  return getExportDestination(tx, environmentId, id);
}

/** Those of the environment that are not deleted, oldest first; one more than asked. */
export async function listExportDestinations(
  db: CoreDb,
  environmentId: string,
  { after, limit }: { readonly after: bigint | undefined; readonly limit: number },
): Promise<ExportDestination[]> {
  let query = db
    .selectFrom("export_destinations")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("archived_at", "is", null)
    .orderBy("position")
    .limit(limit + 1);
  if (after !== undefined) query = query.where("position", ">", after as never);
  return (await query.execute()).map(fromRow);
}

/**
 * Those of one kind that are not deleted, oldest first. Whoever asks holds their places until the
 * transaction ends, so that two cannot both find one free.
 */
export async function lockExportPlaces(
  tx: CoreTransaction,
  environmentId: string,
  kind: ExportDestination["kind"],
): Promise<ExportDestination[]> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`export-places:${environmentId}:${kind}`}, 0))`.execute(
    tx,
  );
  const rows = await tx
    .selectFrom("export_destinations")
    .selectAll()
    .where("environment_id", "=", environmentId)
    .where("kind", "=", kind)
    .where("archived_at", "is", null)
    .orderBy("position")
    .execute();
  return rows.map(fromRow);
}

export interface ExportDestinationChanges {
  readonly name?: string | undefined;
  readonly tables?: readonly string[] | undefined;
  readonly everyHours?: number | null | undefined;
  readonly credential?: string | undefined;
  readonly archivedAt?: string;
  readonly updatedAt: string;
}

/** Changes the given facts and leaves the others. */
export async function updateExportDestination(
  tx: CoreTransaction,
  id: string,
  { name, tables, everyHours, credential, archivedAt, updatedAt }: ExportDestinationChanges,
): Promise<void> {
  await tx
    .updateTable("export_destinations")
    .set({
      // What is undefined is left as it is.
      name,
      tables: tables && JSON.stringify(tables),
      every_hours: everyHours,
      credential,
      archived_at: archivedAt,
      updated_at: updatedAt,
    })
    .where("id", "=", id)
    .execute();
}
