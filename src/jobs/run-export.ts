import { instantText, Temporal } from "../domain/time.ts";
import type { OperationContext } from "../operations/context.ts";
import { noteExportFailure } from "../operations/exports/fail-export.ts";
import { ExportTakenOver, type HoldExport } from "../operations/exports/hold-export.ts";
import { runExport } from "../operations/exports/run-export.ts";
import type { JobHandler, JobOutcome } from "../platform/jobs/job-handler.ts";
import type { Job } from "../platform/jobs/job-table.ts";
import { holdJob } from "../platform/jobs/lease.ts";
import { PlaceError } from "../platform/places/place-error.ts";
import type { JobDeps } from "./index.ts";
import { toJobContext } from "./job-context.ts";
import { payloadText } from "./job-payload.ts";

/** A long export gives way after this time: whoever stops the server waits for no more. */
const SLICE_MS = 10_000;
const FIRST_RETRY_SECONDS = 2;

async function attempt(ctx: OperationContext, job: Job): Promise<JobOutcome> {
  const runId = payloadText(job, "runId");
  const dueAt = instantText(ctx.now);
  const hold: HoldExport = async (tx) => {
    if (!(await holdJob(tx, "core_jobs", job))) throw new ExportTakenOver();
  };
  try {
    const end = await runExport(ctx, runId, { milliseconds: SLICE_MS, hold });
    return end === "more" ? { outcome: "retry", dueAt } : undefined;
  } catch (error) {
    if (error instanceof ExportTakenOver) throw error;
    const isPermanent = error instanceof PlaceError && error.permanent;
    const isOver = isPermanent || job.attempt >= job.maxAttempts;
    await noteExportFailure(ctx, runId, error, { attempts: job.attempt, isOver, hold });
    if (isOver) return undefined;
    const wait = { seconds: FIRST_RETRY_SECONDS * 2 ** (job.attempt - 1) };
    const notBeforeAt = instantText(Temporal.Now.instant().add(wait));
    return { outcome: "retry", dueAt, notBeforeAt, countsAsFailure: true };
  }
}

/** Exports, and comes back while there is more, or while the destination is in trouble. */
export const runExportJob =
  (deps: JobDeps): JobHandler =>
  async (job) => {
    const ctx = await toJobContext(deps, job);
    try {
      return await attempt(ctx, job);
    } catch (error) {
      // The job is the other worker's, and so is what becomes of it.
      if (error instanceof ExportTakenOver) return undefined;
      throw error;
    }
  };
