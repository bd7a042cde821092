import { readSqlTable, type SqlTable } from "../../store/exports/sql-table.ts";
import type { ExportTable } from "./export-table.ts";

const PAGE_ROWS = 5000;

/** A table that is one query. */
export const sqlExportTable = (table: SqlTable, mode: ExportTable["mode"]): ExportTable => ({
  name: table.name,
  mode,
  columns: table.columns.map(({ name, type }) => ({ name, type })),
  key: table.key,
  read: ({ db, environment }, { window, after }) =>
    readSqlTable(db, table, { environmentId: environment.id, window, after, limit: PAGE_ROWS }),
});
