import {
  type ProviderEventHint,
  processProviderEvents,
} from "../operations/process-provider-event.ts";
import type { Job } from "../platform/jobs/job-table.ts";
import type { BatchHandler, JobHandler } from "../platform/jobs/runner.ts";
import type { JobDeps } from "./index.ts";
import { toJobContext } from "./job-context.ts";

const optional = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;

const toHint = ({ payload }: Job): ProviderEventHint => ({
  connectionId: String(payload.connectionId),
  eventId: String(payload.eventId),
  externalId: optional(payload.externalId),
  invoiceId: optional(payload.invoiceId),
});

/** Looks at what a provider's event speaks of. */
export const processProviderEventJob =
  (deps: JobDeps): JobHandler =>
  async (job) =>
    processProviderEvents(await toJobContext(deps, job), [toHint(job)]);

/** Looks at what many of a provider's events speak of: most are about documents of others. */
export const processProviderEventBatch =
  (deps: JobDeps): BatchHandler =>
  async (jobs) => {
    const [first] = jobs;
    if (first !== undefined) {
      await processProviderEvents(await toJobContext(deps, first), jobs.map(toHint));
    }
    return jobs.map(() => undefined);
  };
