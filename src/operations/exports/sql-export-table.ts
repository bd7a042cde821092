import { readSqlTable, type SqlTable } from "../../store/exports/sql-table.ts";
import type { ExportTable } from "./export-table.ts";

/** A table that is one query. */
export const sqlExportTable = (table: SqlTable, mode: ExportTable["mode"]): ExportTable => ({
  name: table.name,
  mode,
  columns: table.columns.map(({ name, type }) => ({ name, type })),
  key: table.key,
  read: ({ db, environment }, query) =>
    readSqlTable(db, table, { environmentId: environment.id, ...query }),
});
