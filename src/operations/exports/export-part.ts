import type { StoredExportCursor } from "../../db/tables/exports.ts";
import type { PlacedTable } from "../../platform/places/place.ts";
import { lengthOfRows, type Row } from "../../platform/tabular/column.ts";
import type { OperationContext } from "../context.ts";
import type { BegunExport } from "./begin-export.ts";
import { columnsOf, type ExportTable, type TableRead } from "./export-table.ts";
import { checkHeld, type HoldExport } from "./hold-export.ts";
import { FIRST_PAGE_ROWS, rowsOfNextPage } from "./rows-of-page.ts";

/** A part is closed by the first page that brings it to so many rows. */
const PART_ROWS = 100_000;
/** So is one that has so many characters: memory and disks hold parts of large rows too. */
const PART_LENGTH = 256 * 1024 * 1024;

/** In the place of a cursor: the table has been read to its end. */
export const END: StoredExportCursor = ["end"];

export const isEnd = (cursor: StoredExportCursor | undefined): boolean => cursor?.[0] === END[0];

/** Pages of one part, and after them where the next part begins. */
export interface PartPages extends AsyncIterable<readonly Row[]> {
  readonly cursor: () => StoredExportCursor;
}

/** A table as its place is told of it. */
export const toPlacedTable = (ctx: OperationContext, table: ExportTable): PlacedTable => ({
  name: table.name,
  columns: columnsOf(table),
  key: ["environment_type", table.key],
  replaces:
    table.mode === "snapshot"
      ? { column: "environment_type", value: ctx.environment.name }
      : undefined,
});

export interface PartRead extends Omit<TableRead, "limit"> {
  readonly hold: HoldExport;
}

/**
 * Reads the pages of the next part of a table, with what every row of a run has in common. They end in
 * ExportTakenOver where another worker has the export by now, before their file appears.
 */
export function readPart(
  ctx: OperationContext,
  run: BegunExport,
  table: ExportTable,
  { window, after, hold }: PartRead,
): PartPages {
  let cursor = after;
  const common: Row =
    table.mode === "snapshot"
      ? [ctx.environment.name, run.readAt, run.startedAt, run.id]
      : [ctx.environment.name, run.readAt];
  async function* pages() {
    let count = 0;
    let length = 0;
    let limit = FIRST_PAGE_ROWS;
    await checkHeld(ctx, hold);
    while (count < PART_ROWS && length < PART_LENGTH && !isEnd(cursor)) {
      const rest = PART_ROWS - count;
      const page = await table.read(ctx, { window, after: cursor, limit: Math.min(limit, rest) });
      cursor = page.next ?? END;
      const pageLength = lengthOfRows(page.rows);
      limit = rowsOfNextPage(limit, { rows: page.rows.length, length: pageLength });
      count += page.rows.length;
      length += pageLength;
      if (page.rows.length > 0) yield page.rows.map((row) => [...row, ...common]);
    }
    await checkHeld(ctx, hold);
  }
  return { [Symbol.asyncIterator]: pages, cursor: () => cursor ?? END };
}
