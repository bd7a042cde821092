import type { CoreTransaction } from "../../db/database.ts";
import { instantText } from "../../domain/time.ts";
import { inTransaction } from "../../platform/database/database.ts";
import { PlaceError } from "../../platform/places/place-error.ts";
import {
  adoptForeignChanges,
  type ChangeHorizon,
  readChangeHorizon,
  readOpenSince,
} from "../../store/exports/change-window.ts";
import { type ExportTableState, listExportCursors } from "../../store/exports/cursors.ts";
import { listExportRunTables, startExportRunTables } from "../../store/exports/run-tables.ts";
import { type ExportRun, getExportRun, updateExportRun } from "../../store/exports/runs.ts";
import type { OperationContext } from "../context.ts";
import type { HoldExport } from "./hold-export.ts";
import { findExportTable } from "./tables.ts";

/** A run whose window is known. */
export interface BegunExport extends ExportRun {
  readonly cluster: string;
  readonly windowEnd: string;
  readonly startedAt: string;
}

/** A cursor of another cluster, or of a time that a recovery took back, says nothing here. */
const isGood = (state: ExportTableState | undefined, { cluster, end }: ChangeHorizon) =>
  state !== undefined && state.cluster === cluster && BigInt(state.exportedUntil) <= BigInt(end);

async function findStarts(
  tx: CoreTransaction,
  { id, destinationId }: ExportRun,
  horizon: ChangeHorizon,
): Promise<ReadonlyMap<string, string>> {
  const states = await listExportCursors(tx, destinationId);
  const starts = new Map<string, string>();
  for (const { name } of (await listExportRunTables(tx, [id])).get(id) ?? []) {
    const state = states.get(name);
    const isIncremental = findExportTable(name)?.mode === "incremental";
    if (isIncremental && state !== undefined && isGood(state, horizon)) {
      starts.set(name, state.exportedUntil);
    }
  }
  return starts;
}

/**
 * Fixes what a run reads, once: changes from where the destination has each table up to what is settled
 * now. A run that goes on keeps its window. undefined: somebody canceled it. Throws ExportTakenOver.
 */
export async function beginExport(
  ctx: OperationContext,
  run: ExportRun,
  hold: HoldExport,
): Promise<BegunExport | undefined> {
  await adoptForeignChanges(ctx.db);
  const completeUntil = await readOpenSince(ctx.db);
  const horizon = await readChangeHorizon(ctx.db);
  if (run.cluster !== null && run.cluster !== horizon.cluster) {
    throw new PlaceError("database_moved", "The database was restored into another server", {
      remedy: "Start a new run: it exports everything once more.",
      permanent: true,
    });
  }
  const isNew = run.windowEnd === null;
  return inTransaction(ctx.db, async (tx) => {
    await hold(tx);
    const isLive = await updateExportRun(tx, run.id, ["QUEUED", "RUNNING"], {
      status: "RUNNING",
      ...(isNew
        ? {
            cluster: horizon.cluster,
            windowEnd: horizon.end,
            completeUntil,
            startedAt: instantText(ctx.now),
          }
        : {}),
    });
    if (!isLive) return undefined;
    if (isNew) await startExportRunTables(tx, run.id, await findStarts(tx, run, horizon));
    const begun = await getExportRun(tx, ctx.environment.id, run.id);
    const { cluster, windowEnd, startedAt } = begun;
    if (cluster === null || windowEnd === null || startedAt === null) return undefined;
    return { ...begun, cluster, windowEnd, startedAt };
  });
}
