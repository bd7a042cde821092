import { sql } from "kysely";
import type { CoreDb, CoreTransaction } from "../../db/database.ts";

/** How far a destination has a table. */
export interface ExportTableState {
  readonly exportedUntil: string;
  readonly cluster: string;
  /** ISO date of the last snapshot; null: of an incremental table. */
  readonly snapshotDay: string | null;
}

/** What a destination has, by table. */
export async function listExportCursors(
  db: CoreDb,
  destinationId: string,
): Promise<ReadonlyMap<string, ExportTableState>> {
  const rows = await db
    .selectFrom("export_cursors")
    .selectAll()
    .where("destination_id", "=", destinationId)
    .execute();
  return new Map(
    rows.map((row) => [
      row.table_name,
      {
        exportedUntil: row.exported_until,
        cluster: row.cluster,
        snapshotDay: row.snapshot_day,
      },
    ]),
  );
}

/** Moves a destination's tables on to where a run has brought them. */
export async function saveExportCursors(
  tx: CoreTransaction,
  destinationId: string,
  tables: readonly { readonly name: string; readonly state: ExportTableState }[],
): Promise<void> {
  for (const { name, state } of tables) {
    await sql`insert into export_cursors
        (destination_id, table_name, exported_until, cluster, snapshot_day)
      values (${destinationId}, ${name}, ${state.exportedUntil}::xid8, ${state.cluster},
        ${state.snapshotDay})
      on conflict (destination_id, table_name) do update set
        exported_until = excluded.exported_until, cluster = excluded.cluster,
        snapshot_day = excluded.snapshot_day`.execute(tx);
  }
}
