import { instantText } from "../../domain/time.ts";
import { inTransaction } from "../../platform/database/database.ts";
import { PlaceError } from "../../platform/places/place-error.ts";
import { updateExportRun } from "../../store/exports/runs.ts";
import type { OperationContext } from "../context.ts";
import type { HoldExport } from "./hold-export.ts";

const MAX_MESSAGE = 1000;

/** What went wrong with an export in a person's words, and what may be done about it. */
function explain(error: unknown) {
  const message = (error instanceof Error ? error.message : String(error)).slice(0, MAX_MESSAGE);
  if (error instanceof PlaceError) return { code: error.code, message, remedy: error.remedy };
  return {
    code: "internal_error",
    message,
    remedy: "Look for the run's id in the server's log, then retry the run.",
  };
}

/**
 * Shows what an attempt failed with; `isOver` says that nobody tries again by itself. Throws ExportTakenOver
 * when another worker has the export by now.
 */
export async function noteExportFailure(
  ctx: OperationContext,
  runId: string,
  error: unknown,
  {
    attempts,
    isOver,
    hold,
  }: { readonly attempts: number; readonly isOver: boolean; readonly hold: HoldExport },
): Promise<void> {
  await inTransaction(ctx.db, async (tx) => {
    await hold(tx);
    await updateExportRun(tx, runId, ["QUEUED", "RUNNING"], {
      error: explain(error),
      attempts,
      ...(isOver ? { status: "FAILED", completedAt: instantText(ctx.now) } : {}),
    });
  });
  ctx.services.logger.warn({ exportRun: runId, attempts, isOver, err: error }, "an export failed");
}
