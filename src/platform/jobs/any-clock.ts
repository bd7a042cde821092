import type { Kysely } from "kysely";
import { listBusyTestClocks } from "./claim.ts";
import type { AnyClockName, ClockName, Job, JobTable } from "./job-table.ts";

/** Where the jobs of all clocks come from. */
export interface ClockSource<Tables> {
  readonly db: Kysely<Tables>;
  readonly table: JobTable;
  /** Whether jobs of this table may be on test clocks as well. */
  readonly hasTestClocks: boolean;
  /** Takes the next job of a clock; undefined: none can run now. "begun": one runs beside the workers. */
  takeFrom(name: AnyClockName): Promise<Job | "begun" | undefined>;
}

const CLOCKS: readonly ClockName[] = ["PRODUCTION", "SANDBOX"];
/** How long jobs of one clock are taken before the others are looked at. */
const TURN_MS = 250;
/** How many test clocks whose work may have to wait are tried before the other clocks are. */
const TEST_CLOCKS_AT_ONCE = 20;

/**
 * Takes a job of any clock: it stays with one that has work, but not for long, since others wait. A test
 * clock whose work has to wait hides none of the others, since each look begins after the last one tried.
 */
export function openAnyClock<Tables>({
  db,
  table,
  hasTestClocks,
  takeFrom,
}: ClockSource<Tables>): () => Promise<Job | "begun" | undefined> {
  let turn: { readonly name: AnyClockName; readonly until: number } | undefined;
  let lastTestClock = "";
  let place = 0;

  async function take(name: AnyClockName): Promise<Job | "begun" | undefined> {
    const job = await takeFrom(name);
    if (job !== undefined) turn = { name, until: performance.now() + TURN_MS };
    return job;
  }

  async function takeOfTestClocks(): Promise<Job | "begun" | undefined> {
    const names = await listBusyTestClocks(db, table, lastTestClock, TEST_CLOCKS_AT_ONCE);
    for (const name of names) {
      lastTestClock = name;
      const job = await take(name);
      if (job !== undefined) return job;
    }
    return undefined;
  }

  const places = [
    ...CLOCKS.map((name) => () => take(name)),
    ...(hasTestClocks ? [takeOfTestClocks] : []),
  ];

  return async () => {
    if (turn !== undefined && performance.now() < turn.until) {
      const job = await takeFrom(turn.name);
      if (job !== undefined) return job;
    }
    for (const _ of places) {
      place = (place + 1) % places.length;
      const job = await places[place]?.();
      if (job !== undefined) return job;
    }
    return undefined;
  };
}
