import type { NewJob } from "../platform/jobs/job-table.ts";
import type { EventInsert } from "./store/events.ts";

/** An event on its way, with whose order it keeps among the events of its endpoint. */
export interface FollowUpEvent extends EventInsert {
  /** The customer whom it is about, when it is about one. */
  readonly customer: string | undefined;
}

/**
 * What follows from the work of a transaction: events to tell of, jobs to do. It is gathered in order
 * and written once, at the end (write-follow-ups.ts), so that it commits with the work or not at all.
 */
export interface FollowUps {
  readonly events: FollowUpEvent[];
  readonly jobs: NewJob[];
}

export const noFollowUps = (): FollowUps => ({ events: [], jobs: [] });

/** Forgets what was gathered, when the work that it follows from is taken back. */
export function dropFollowUps({ events, jobs }: FollowUps): void {
  events.length = 0;
  jobs.length = 0;
}
