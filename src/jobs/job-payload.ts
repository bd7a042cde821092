import { assert } from "../errors.ts";
import type { Job } from "../platform/jobs/job-table.ts";

/** A text field of the job's payload, which our own code wrote when it enqueued the job. */
export function payloadText(job: Job, field: string): string {
  const value = job.payload[field];
  assert(typeof value === "string", `job ${job.kind} has ${field} in its payload`);
  return value;
}
