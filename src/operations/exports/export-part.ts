import type { StoredExportCursor } from "../../db/tables/exports.ts";
import type { PlacedTable } from "../../platform/places/place.ts";
import type { Row } from "../../platform/tabular/column.ts";
import type { OperationContext } from "../context.ts";
import type { BegunExport } from "./begin-export.ts";
import { columnsOf, type ExportTable, type TableRead } from "./export-table.ts";
import { checkHeld, type HoldExport } from "./hold-export.ts";

/** A part is closed by the first page that brings it to so many rows. */
const PART_ROWS = 100_000;

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

export interface PartRead extends TableRead {
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
    await checkHeld(ctx, hold);
    while (count < PART_ROWS && !isEnd(cursor)) {
      const page = await table.read(ctx, { window, after: cursor });
      cursor = page.next ?? END;
      count += page.rows.length;
      if (page.rows.length > 0) yield page.rows.map((row) => [...row, ...common]);
    }
    await checkHeld(ctx, hold);
  }
  return { [Symbol.asyncIterator]: pages, cursor: () => cursor ?? END };
}
