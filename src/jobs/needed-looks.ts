import { instantText, Temporal } from "../domain/time.ts";
import { sortProviderHints, type ToldHint } from "../operations/sort-provider-hints.ts";
import type { BatchHandler, JobHandler, JobOutcome } from "../platform/jobs/job-handler.ts";
import type { Job } from "../platform/jobs/job-table.ts";
import type { JobDeps } from "./index.ts";
import { toJobContext } from "./job-context.ts";

/** How soon an event of a document that is being delivered comes up again, on real time. */
const AGAIN_MS = 50;

const optional = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;

const toHint = ({ payload }: Job): ToldHint => ({
  connectionId: String(payload.connectionId),
  eventId: String(payload.eventId),
  externalId: optional(payload.externalId),
  invoiceId: optional(payload.invoiceId),
  told: optional(payload.told),
});

const again = ({ dueAt }: Job): JobOutcome => ({
  outcome: "retry",
  dueAt,
  notBeforeAt: instantText(Temporal.Now.instant().add({ milliseconds: AGAIN_MS })),
});

/** Spares the provider the looks that tell nothing new: only events that are worth one go on. */
export const neededLook =
  (deps: JobDeps, handler: JobHandler): JobHandler =>
  async (job) => {
    const [fate] = await sortProviderHints(await toJobContext(deps, job), [toHint(job)]);
    if (fate === "look") return handler(job);
    return fate === "wait" ? again(job) : undefined;
  };

/** As neededLook, for many events at once. */
export const neededLooks =
  (deps: JobDeps, handler: BatchHandler): BatchHandler =>
  async (jobs) => {
    const [first] = jobs;
    if (first === undefined) return [];
    const fates = await sortProviderHints(await toJobContext(deps, first), jobs.map(toHint));
    const needed = jobs.filter((_, index) => fates[index] === "look");
    const done = needed.length === 0 ? [] : await handler(needed);
    const outcomes = new Map(needed.map((job, index) => [job, done[index]]));
    return jobs.map((job, index) => (fates[index] === "wait" ? again(job) : outcomes.get(job)));
  };
