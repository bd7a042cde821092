import { instantText } from "../../domain/time.ts";
import { PlaceError } from "../../platform/places/place-error.ts";
import { updateExportRun } from "../../store/exports/runs.ts";
import type { OperationContext } from "../context.ts";

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

/** Shows what an attempt failed with; `isOver` says that nobody tries again by itself. */
export async function noteExportFailure(
  ctx: OperationContext,
  runId: string,
  error: unknown,
  { attempts, isOver }: { readonly attempts: number; readonly isOver: boolean },
): Promise<void> {
  await updateExportRun(ctx.db, runId, ["QUEUED", "RUNNING"], {
    error: explain(error),
    attempts,
    ...(isOver ? { status: "FAILED", completedAt: instantText(ctx.now) } : {}),
  });
  ctx.services.logger.warn({ exportRun: runId, attempts, isOver, err: error }, "an export failed");
}
