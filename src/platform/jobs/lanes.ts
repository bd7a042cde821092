import type { Job } from "./job-table.ts";

/** How lanes come to jobs and what they do with them. */
export interface LaneWork {
  /** Waits for a job that is due and takes it; undefined: there will be none. */
  find(): Promise<Job | undefined>;
  carryOut(job: Job): Promise<void>;
}

/**
 * Carries out jobs, `count` at a time, until `find` answers that there will be none. Only one lane at a time
 * looks for a job, and the next one begins when it has one: lanes that have nothing to do cost nothing.
 */
export async function runLanes(count: number, { find, carryOut }: LaneWork): Promise<void> {
  let last: Promise<unknown> = Promise.resolve();
  const findInTurn = (): Promise<Job | undefined> => {
    const mine = last.then(find);
    last = mine.catch(() => {});
    return mine;
  };
  async function lane(): Promise<void> {
    for (let job = await findInTurn(); job !== undefined; job = await findInTurn()) {
      await carryOut(job);
    }
  }
  await Promise.all(Array.from({ length: count }, lane));
}
