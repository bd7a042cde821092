import type { CoreTransaction } from "../../db/database.ts";
import { instantText } from "../../domain/time.ts";
import { invalid } from "../../errors.ts";
import { inTransaction } from "../../platform/database/database.ts";
import { enqueueJob } from "../../platform/jobs/enqueue.ts";
import {
  type ExportDestination,
  getExportDestination,
  insertExportDestination,
  lockExportDestination,
  updateExportDestination,
} from "../../store/exports/destinations.ts";
import { findLastExportRun, updateExportRun } from "../../store/exports/runs.ts";
import type { OperationContext } from "../context.ts";
import { sealCredential } from "../open-connection.ts";
import {
  type DestinationKind,
  readDestinationCredential,
  readDestinationSettings,
} from "./destination-settings.ts";
import { refuseSharedSnapshots } from "./refuse-shared-snapshots.ts";
import { checkTables } from "./tables.ts";

type Given = Readonly<Record<string, unknown>>;

export interface DestinationRequest {
  readonly name: string;
  readonly kind: DestinationKind;
  readonly format: "parquet" | "csv" | undefined;
  /** undefined: all. */
  readonly tables: readonly string[] | undefined;
  readonly everyHours: number | null;
  readonly settings: Given;
  readonly credential: Given | undefined;
}

function checkKind(ctx: OperationContext, { kind, format }: DestinationRequest): void {
  if (kind === "postgres" && format !== undefined) {
    throw invalid("format: a destination of kind postgres has tables and no files", "format");
  }
  if (kind !== "folder" || ctx.services.exportDir !== undefined) return;
  throw invalid("kind: this server may not write to folders; start it with EXPORT_DIR", "kind");
}

const seal = (ctx: OperationContext, credential: Given | undefined): string | null =>
  credential === undefined ? null : sealCredential(ctx.services.vault, credential);

/** Lets the schedule ask for an export now; from then on it asks by itself. */
const enqueueSchedule = (tx: CoreTransaction, ctx: OperationContext, id: string): Promise<void> =>
  enqueueJob(tx, "core_jobs", {
    clock: ctx.environment.name,
    kind: "schedule-export",
    key: id,
    payload: { destinationId: id },
    dueAt: instantText(ctx.now),
  });

/** Adds somewhere to export to. Throws invalid, naming the field, and conflict where another one is. */
export async function createExportDestination(
  ctx: OperationContext,
  request: DestinationRequest,
): Promise<ExportDestination> {
  checkKind(ctx, request);
  const { kind, format } = request;
  const settings = readDestinationSettings(kind, request.settings, ctx.services.outgoing);
  const credential = readDestinationCredential(kind, settings, request.credential);
  const tables = checkTables(request.tables);
  const createdAt = instantText(ctx.now);
  return inTransaction(ctx.db, async (tx) => {
    await refuseSharedSnapshots(tx, ctx, { kind, settings, tables });
    const added = await insertExportDestination(tx, {
      environmentId: ctx.environment.id,
      name: request.name,
      kind,
      format: kind === "postgres" ? null : (format ?? "parquet"),
      tables,
      everyHours: request.everyHours,
      settings,
      credential: seal(ctx, credential),
      createdAt,
      createdBy: ctx.actor,
      updatedAt: createdAt,
    });
    if (added.everyHours !== null) await enqueueSchedule(tx, ctx, added.id);
    return added;
  });
}

export interface DestinationPatch {
  readonly name?: string | undefined;
  readonly tables?: readonly string[] | undefined;
  readonly everyHours?: number | null | undefined;
  readonly credential?: Given | undefined;
}

/** Changes a destination. Where it is and how it is written stays: cursors belong to a place. */
export async function changeExportDestination(
  ctx: OperationContext,
  id: string,
  { name, tables: names, everyHours, credential }: DestinationPatch,
): Promise<ExportDestination> {
  const tables = names && checkTables(names);
  return inTransaction(ctx.db, async (tx) => {
    const found = await lockExportDestination(tx, ctx.environment.id, id);
    const { kind, settings, everyHours: before } = found;
    if (tables !== undefined) await refuseSharedSnapshots(tx, ctx, { ...found, tables });
    await updateExportDestination(tx, id, {
      name,
      tables,
      everyHours,
      credential:
        credential &&
        sealCredential(
          ctx.services.vault,
          readDestinationCredential(kind, settings, credential) ?? {},
        ),
      updatedAt: instantText(ctx.now),
    });
    const isRescheduled = everyHours !== undefined && everyHours !== null && everyHours !== before;
    if (isRescheduled) await enqueueSchedule(tx, ctx, id);
    return getExportDestination(tx, ctx.environment.id, id);
  });
}

/** Deletes a destination. What was written stays there; a run under way ends with the part it is at. */
export async function deleteExportDestination(ctx: OperationContext, id: string): Promise<void> {
  await inTransaction(ctx.db, async (tx) => {
    await lockExportDestination(tx, ctx.environment.id, id);
    const now = instantText(ctx.now);
    await updateExportDestination(tx, id, { archivedAt: now, updatedAt: now });
    const last = await findLastExportRun(tx, id);
    if (last === undefined) return;
    await updateExportRun(tx, last.id, ["QUEUED", "RUNNING"], {
      status: "CANCELED",
      completedAt: now,
    });
  });
}
