import type { Job } from "./job-table.ts";

/** What a handler says when it did not throw. `retry` gives the job back. */
export type JobOutcome =
  | undefined
  | {
      readonly outcome: "retry";
      /** ISO instant on the environment's clock. */
      readonly dueAt: string;
      /** ISO instant on the real clock: not before a provider's Retry-After has passed. */
      readonly notBeforeAt?: string;
      readonly reason?: string;
      /** This run counts as a failed attempt; otherwise all attempts are given anew. */
      readonly countsAsFailure?: boolean;
    };

/** Does one job. It must be safe to run twice; throwing means "try again later". */
// biome-ignore lint/suspicious/noConfusingVoidType: most handlers return nothing at all.
export type JobHandler = (job: Job) => Promise<JobOutcome | void>;
export type JobHandlers = Readonly<Record<string, JobHandler>>;

/**
 * Does several jobs of one kind and of different subjects at once, all or none: throwing means that
 * nothing was done, and each is then done by itself.
 */
export type BatchHandler = (jobs: readonly Job[]) => Promise<readonly JobOutcome[]>;
