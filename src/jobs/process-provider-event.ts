import { instantText } from "../domain/time.ts";
import type { OperationContext } from "../operations/context.ts";
import {
  markEventsProcessed,
  type ProviderEventHint,
  processProviderEvents,
} from "../operations/process-provider-event.ts";
import type { BatchHandler, JobHandler, JobOutcome } from "../platform/jobs/job-handler.ts";
import type { Job } from "../platform/jobs/job-table.ts";
import type { JobDeps } from "./index.ts";
import { toJobContext } from "./job-context.ts";

const optional = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;

const toHint = ({ payload }: Job): ProviderEventHint => ({
  connectionId: String(payload.connectionId),
  eventId: String(payload.eventId),
  externalId: optional(payload.externalId),
  invoiceId: optional(payload.invoiceId),
  carrier: payload.carrier as ProviderEventHint["carrier"],
  related: optional(payload.related),
});

const FIRST_LOOK_SECONDS = 15;
/** 15 s, 30 s, ... 4 min: eight minutes for what is told before it is known. */
const MAX_LOOKS = 6;

/** Looks again while the run that an early event is about may still come, then passes it over. */
async function lookAgain(
  ctx: OperationContext,
  job: Job,
  hint: ProviderEventHint,
): Promise<JobOutcome> {
  if (job.attempt >= MAX_LOOKS) {
    await markEventsProcessed(ctx, [hint]);
    return undefined;
  }
  const seconds = FIRST_LOOK_SECONDS * 2 ** (job.attempt - 1);
  return {
    outcome: "retry",
    dueAt: instantText(ctx.now.add({ seconds })),
    reason: `nothing is known of invoice ${hint.invoiceId} yet`,
    countsAsFailure: true,
  };
}

/** Looks at what a provider's event speaks of. */
export const processProviderEventJob =
  (deps: JobDeps): JobHandler =>
  async (job) => {
    const ctx = await toJobContext(deps, job);
    const hint = toHint(job);
    const early = await processProviderEvents(ctx, [hint]);
    return early.has(hint) ? lookAgain(ctx, job, hint) : undefined;
  };

/** Looks at what many of a provider's events speak of: most are about documents of others. */
export const processProviderEventBatch =
  (deps: JobDeps): BatchHandler =>
  async (jobs) => {
    const [first] = jobs;
    if (first === undefined) return [];
    const ctx = await toJobContext(deps, first);
    const hints = jobs.map(toHint);
    const early = await processProviderEvents(ctx, hints);
    const outcomes: JobOutcome[] = [];
    for (const [index, job] of jobs.entries()) {
      const hint = hints[index];
      outcomes.push(
        hint !== undefined && early.has(hint) ? await lookAgain(ctx, job, hint) : undefined,
      );
    }
    return outcomes;
  };
