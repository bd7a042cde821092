import { instantText, Temporal } from "../domain/time.ts";
import { noteExportFailure } from "../operations/exports/fail-export.ts";
import { runExport } from "../operations/exports/run-export.ts";
import type { JobHandler } from "../platform/jobs/job-handler.ts";
import { PlaceError } from "../platform/places/place-error.ts";
import type { JobDeps } from "./index.ts";
import { toJobContext } from "./job-context.ts";
import { payloadText } from "./job-payload.ts";

/** A long export gives way after this time: whoever stops the server waits for no more. */
const SLICE_MS = 10_000;
const FIRST_RETRY_SECONDS = 2;

/** Exports, and comes back while there is more, or while the destination is in trouble. */
export const runExportJob =
  (deps: JobDeps): JobHandler =>
  async (job) => {
    const ctx = await toJobContext(deps, job);
    const runId = payloadText(job, "runId");
    const dueAt = instantText(ctx.now);
    try {
      const end = await runExport(ctx, runId, SLICE_MS);
      return end === "more" ? { outcome: "retry", dueAt } : undefined;
    } catch (error) {
      const isPermanent = error instanceof PlaceError && error.permanent;
      const isOver = isPermanent || job.attempt >= job.maxAttempts;
      await noteExportFailure(ctx, runId, error, { attempts: job.attempt, isOver });
      if (isOver) return undefined;
      const wait = { seconds: FIRST_RETRY_SECONDS * 2 ** (job.attempt - 1) };
      const notBeforeAt = instantText(Temporal.Now.instant().add(wait));
      return { outcome: "retry", dueAt, notBeforeAt, countsAsFailure: true };
    }
  };
