import { processProviderEvent } from "../operations/process-provider-event.ts";
import type { JobHandler } from "../platform/jobs/runner.ts";
import type { JobDeps } from "./index.ts";
import { toJobContext } from "./job-context.ts";

const optional = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;

/** Looks at what a provider's event speaks of. */
export const processProviderEventJob =
  (deps: JobDeps): JobHandler =>
  async (job) => {
    const { connectionId, eventId, externalId, invoiceId } = job.payload;
    await processProviderEvent(await toJobContext(deps, job), {
      connectionId: String(connectionId),
      eventId: String(eventId),
      externalId: optional(externalId),
      invoiceId: optional(invoiceId),
    });
  };
