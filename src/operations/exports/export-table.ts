import type { StoredExportCursor } from "../../db/tables/exports.ts";
import type { Column } from "../../platform/tabular/column.ts";
import type { ChangeWindow, ExportPage } from "../../store/exports/sql-table.ts";
import type { OperationContext } from "../context.ts";

export interface TableRead {
  /** undefined: of a snapshot, all rows as they are now. */
  readonly window: ChangeWindow | undefined;
  /** undefined: from the beginning. */
  readonly after: StoredExportCursor | undefined;
  /** About so many rows, where a table is read row by row. */
  readonly limit: number;
}

/** A table of the export. */
export interface ExportTable {
  readonly name: string;
  /**
   * incremental: rows that changed since the last run, and rows never go away; snapshot: all rows as
   * they are, once a day.
   */
  readonly mode: "incremental" | "snapshot";
  /** Its own columns; what every table has comes after them. */
  readonly columns: readonly Column[];
  /** What names a row within its environment. */
  readonly key: string;
  /** The next rows. A page may be short or empty; it is the last when no `next` follows it. */
  read(ctx: OperationContext, query: TableRead): Promise<ExportPage>;
}

const EVERYWHERE: readonly Column[] = [
  { name: "environment_type", type: "text" },
  { name: "updated_at", type: "instant" },
];

const OF_SNAPSHOTS: readonly Column[] = [
  { name: "snapshot_time", type: "instant" },
  { name: "_metronome_metadata_id", type: "text" },
];

/** All columns of a table, in the order in which they are written. */
export const columnsOf = ({ columns, mode }: ExportTable): readonly Column[] => [
  ...columns,
  ...EVERYWHERE,
  ...(mode === "snapshot" ? OF_SNAPSHOTS : []),
];
