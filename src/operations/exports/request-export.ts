import type { CoreTransaction } from "../../db/database.ts";
import { instantText } from "../../domain/time.ts";
import { conflict } from "../../errors.ts";
import { inTransaction } from "../../platform/database/database.ts";
import { enqueueJob } from "../../platform/jobs/enqueue.ts";
import { listExportCursors } from "../../store/exports/cursors.ts";
import { type ExportDestination, lockExportDestination } from "../../store/exports/destinations.ts";
import { listExportRunTables } from "../../store/exports/run-tables.ts";
import {
  type ExportRun,
  findLastExportRun,
  getExportRun,
  insertExportRun,
  updateExportRun,
} from "../../store/exports/runs.ts";
import type { OperationContext } from "../context.ts";
import { findExportTable } from "./tables.ts";

const MAX_ATTEMPTS = 5;

const enqueueRun = (tx: CoreTransaction, ctx: OperationContext, runId: string): Promise<void> =>
  enqueueJob(tx, "core_jobs", {
    clock: ctx.environment.name,
    kind: "run-export",
    key: runId,
    payload: { runId },
    dueAt: instantText(ctx.now),
    maxAttempts: MAX_ATTEMPTS,
  });

async function begin(
  tx: CoreTransaction,
  ctx: OperationContext,
  { id }: ExportDestination,
  tables: readonly string[],
): Promise<ExportRun> {
  const run = await insertExportRun(tx, {
    environmentId: ctx.environment.id,
    destinationId: id,
    tables,
    createdAt: instantText(ctx.now),
    createdBy: ctx.actor,
  });
  await enqueueRun(tx, ctx, run.id);
  return run;
}

async function resume(tx: CoreTransaction, ctx: OperationContext, { id }: ExportRun) {
  await updateExportRun(tx, id, ["FAILED"], { status: "QUEUED", error: null, attempts: 0 });
  await enqueueRun(tx, ctx, id);
  return getExportRun(tx, ctx.environment.id, id);
}

const isUnderWay = ({ status }: ExportRun): boolean => status === "QUEUED" || status === "RUNNING";

/** Asks for an export of all tables of a destination. Throws conflict while another one is under way. */
export async function requestExport(
  ctx: OperationContext,
  destinationId: string,
): Promise<ExportRun> {
  return inTransaction(ctx.db, async (tx) => {
    const destination = await lockExportDestination(tx, ctx.environment.id, destinationId);
    const last = await findLastExportRun(tx, destination.id);
    if (last !== undefined && isUnderWay(last)) {
      throw conflict(`Export ${last.id} to this destination is under way.`, "export_under_way");
    }
    return begin(tx, ctx, destination, destination.tables);
  });
}

/**
 * Lets the newest run of a destination, which failed, go on from where it stopped. Throws conflict for
 * any other run.
 */
export async function retryExport(ctx: OperationContext, runId: string): Promise<ExportRun> {
  return inTransaction(ctx.db, async (tx) => {
    const run = await getExportRun(tx, ctx.environment.id, runId);
    await lockExportDestination(tx, ctx.environment.id, run.destinationId);
    const last = await findLastExportRun(tx, run.destinationId);
    if (last?.id !== run.id) {
      throw conflict("A later run took this one's place.", "export_not_last");
    }
    if (last.status !== "FAILED") {
      throw conflict(`The run is ${last.status}; only one that FAILED is retried.`);
    }
    return resume(tx, ctx, last);
  });
}

const dayOf = (ctx: OperationContext): string => instantText(ctx.now).slice(0, 10);

/** The destination's tables without the snapshots that were taken today. */
async function dueTables(
  tx: CoreTransaction,
  ctx: OperationContext,
  { id, tables }: ExportDestination,
): Promise<string[]> {
  const known = await listExportCursors(tx, id);
  return tables.filter(
    (name) =>
      findExportTable(name)?.mode === "incremental" || known.get(name)?.snapshotDay !== dayOf(ctx),
  );
}

/**
 * What a destination's schedule asks for. A run that failed goes on instead of a new one, unless it is of
 * tables that are not wanted any more; one that is under way goes on.
 */
export async function requestDueExport(
  ctx: OperationContext,
  destinationId: string,
): Promise<void> {
  await inTransaction(ctx.db, async (tx) => {
    const destination = await lockExportDestination(tx, ctx.environment.id, destinationId);
    const last = await findLastExportRun(tx, destination.id);
    // Its job may have died where it could not even say so.
    if (last !== undefined && isUnderWay(last)) return enqueueRun(tx, ctx, last.id);
    if (last?.status === "FAILED") {
      const parts = (await listExportRunTables(tx, [last.id])).get(last.id) ?? [];
      if (parts.every(({ name }) => destination.tables.includes(name))) {
        await resume(tx, ctx, last);
        return;
      }
    }
    const due = await dueTables(tx, ctx, destination);
    if (due.length > 0) await begin(tx, ctx, destination, due);
  });
}
