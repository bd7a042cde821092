import { instant, instantText, isAfter } from "../domain/time.ts";
import { requestDueExport } from "../operations/exports/request-export.ts";
import { readClock } from "../platform/clock/clock.ts";
import type { JobHandler } from "../platform/jobs/job-handler.ts";
import { findExportDestination } from "../store/exports/destinations.ts";
import type { JobDeps } from "./index.ts";
import { toJobContext } from "./job-context.ts";
import { payloadText } from "./job-payload.ts";

/**
 * Asks for a destination's exports, as long as it has a schedule. One move of the sandbox's clock over
 * many of them makes one export, at its end.
 */
export const scheduleExportJob =
  (deps: JobDeps): JobHandler =>
  async (job) => {
    const ctx = await toJobContext(deps, job);
    const id = payloadText(job, "destinationId");
    const destination = await findExportDestination(ctx.db, ctx.environment.id, id);
    const hours = destination?.archivedAt === null ? destination.everyHours : null;
    if (hours === null) return undefined;
    const { advanceTargetAt } = await readClock(ctx.db, ctx.environment.name);
    if (advanceTargetAt !== undefined && isAfter(instant(advanceTargetAt), ctx.now)) {
      return { outcome: "retry", dueAt: advanceTargetAt };
    }
    await requestDueExport(ctx, id);
    return { outcome: "retry", dueAt: instantText(ctx.now.add({ hours })) };
  };
