import type { CoreDb } from "../db/database.ts";
import type { Services } from "../operations/context.ts";
import type { JobHandlers } from "../platform/jobs/runner.ts";

/** What every job handler of the core stands on. */
export interface JobDeps {
  readonly db: CoreDb;
  readonly services: Services;
}

/** Every kind of job of the core with its handler, one line for each kind. */
export const coreJobHandlers = (_deps: JobDeps): JobHandlers => ({});
