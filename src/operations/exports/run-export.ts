import { instantText } from "../../domain/time.ts";
import { assert } from "../../errors.ts";
import { inTransaction } from "../../platform/database/database.ts";
import { faultPoint } from "../../platform/fault-points.ts";
import type { Place } from "../../platform/places/place.ts";
import { saveExportCursors } from "../../store/exports/cursors.ts";
import { type ExportDestination, findExportDestination } from "../../store/exports/destinations.ts";
import {
  type ExportRunTable,
  finishExportRunTable,
  insertExportFile,
  listExportFiles,
  listExportRunTables,
  updateExportRunTable,
} from "../../store/exports/run-tables.ts";
import { getExportRun, updateExportRun } from "../../store/exports/runs.ts";
import type { OperationContext } from "../context.ts";
import { type BegunExport, beginExport } from "./begin-export.ts";
import { isEnd, readPart, toPlacedTable } from "./export-part.ts";
import { manifestPath, partPath } from "./export-path.ts";
import type { ExportTable } from "./export-table.ts";
import { checkHeld, type HoldExport } from "./hold-export.ts";
import { folderOf, openExportPlace } from "./open-export-place.ts";
import { findExportTable } from "./tables.ts";
import { toManifest } from "./to-manifest.ts";

interface Work {
  readonly ctx: OperationContext;
  readonly run: BegunExport;
  readonly destination: ExportDestination;
  readonly place: Place;
  readonly hold: HoldExport;
}

function getTable(name: string): ExportTable {
  const table = findExportTable(name);
  assert(table !== undefined, `export table ${name} exists`);
  return table;
}

/**
 * Writes the next part of a table, and then notes it: a process that dies between the two writes the same
 * part again, under the same name. Answers where the table goes on; undefined: the run was canceled.
 */
async function exportPart(
  { ctx, run, destination, place, hold }: Work,
  part: ExportRunTable,
): Promise<ExportRunTable | undefined> {
  const table = getTable(part.name);
  const window =
    table.mode === "snapshot" ? undefined : { start: part.windowStart, end: run.windowEnd };
  const pages = readPart(ctx, run, table, { window, after: part.cursor, hold });
  const path = partPath(folderOf(ctx, destination), run, part.name, part.files + 1);
  const written = await place.writePart(toPlacedTable(ctx, table), path, pages);
  faultPoint("export/part-written");
  const cursor = pages.cursor();
  const isLive = await inTransaction(ctx.db, async (tx) => {
    await hold(tx);
    if (!(await updateExportRun(tx, run.id, ["RUNNING"], { status: "RUNNING" }))) return false;
    await updateExportRunTable(tx, run.id, part.name, cursor);
    if (written === undefined) return true;
    await insertExportFile(tx, run.id, {
      tableName: part.name,
      part: part.files + 1,
      path: written.path,
      rows: BigInt(written.rows),
      bytes: written.bytes === null ? null : BigInt(written.bytes),
      sha256: written.sha256,
    });
    return true;
  });
  faultPoint("export/part-noted");
  if (!isLive) return undefined;
  return { ...part, cursor, files: part.files + (written === undefined ? 0 : 1) };
}

/** Exports what is left of a table. false: not all of it, because time was up or the run was canceled. */
async function exportTable(
  work: Work,
  begun: ExportRunTable,
  isTimeUp: () => boolean,
): Promise<boolean> {
  const { ctx, place, hold } = work;
  const placed = toPlacedTable(ctx, getTable(begun.name));
  let part: ExportRunTable | undefined = begun;
  await checkHeld(ctx, hold);
  if (part.cursor === undefined) await place.beginTable(placed);
  while (!isEnd(part.cursor)) {
    part = await exportPart(work, part);
    if (part === undefined || (isTimeUp() && !isEnd(part.cursor))) return false;
  }
  await checkHeld(ctx, hold);
  await place.endTable(placed);
  faultPoint("export/table-ended");
  await inTransaction(ctx.db, async (tx) => {
    await hold(tx);
    await finishExportRunTable(tx, work.run.id, begun.name);
  });
  return true;
}

/** Says what was written, and then moves the destination on. */
async function complete({ ctx, run, destination, place, hold }: Work): Promise<void> {
  const parts = (await listExportRunTables(ctx.db, [run.id])).get(run.id) ?? [];
  const files = await listExportFiles(ctx.db, run.id);
  const manifest = toManifest(ctx, run, parts, files);
  await checkHeld(ctx, hold);
  const path = await place.writeManifest(manifestPath(folderOf(ctx, destination), run), manifest);
  faultPoint("export/manifest-written");
  await inTransaction(ctx.db, async (tx) => {
    await hold(tx);
    const isLive = await updateExportRun(tx, run.id, ["RUNNING"], {
      status: "COMPLETED",
      manifestPath: path,
      error: null,
      completedAt: instantText(ctx.now),
    });
    if (!isLive) return;
    const { windowEnd: exportedUntil, cluster } = run;
    await saveExportCursors(
      tx,
      run.destinationId,
      parts.map(({ name }) => {
        const isSnapshot = getTable(name).mode === "snapshot";
        const snapshotDay = isSnapshot ? run.startedAt.slice(0, 10) : null;
        return { name, state: { exportedUntil, cluster, snapshotDay } };
      }),
    );
  });
}

/**
 * Exports what a run has left to export, from wherever it stopped. Answers "more" when it gave way to
 * other work after about so many milliseconds. Throws PlaceError when the destination takes nothing, and
 * ExportTakenOver.
 */
export async function runExport(
  ctx: OperationContext,
  runId: string,
  { milliseconds, hold }: { readonly milliseconds: number; readonly hold: HoldExport },
): Promise<"over" | "more"> {
  const asked = await getExportRun(ctx.db, ctx.environment.id, runId);
  const destination = await findExportDestination(ctx.db, ctx.environment.id, asked.destinationId);
  if (destination === undefined || destination.archivedAt !== null) return "over";
  const run = await beginExport(ctx, asked, hold);
  if (run === undefined) return "over";
  const until = performance.now() + milliseconds;
  const isTimeUp = () => performance.now() > until;
  const place = await openExportPlace(ctx, destination);
  const work: Work = { ctx, run, destination, place, hold };
  try {
    const parts = (await listExportRunTables(ctx.db, [run.id])).get(run.id) ?? [];
    for (const part of parts.filter(({ isDone }) => !isDone)) {
      if (isTimeUp() || !(await exportTable(work, part, isTimeUp))) return "more";
    }
    await complete(work);
    return "over";
  } finally {
    await place.close();
  }
}
