import { randomUUID } from "node:crypto";
import { type Kysely, sql } from "kysely";
import type { Logger } from "pino";
import { instantText } from "../../domain/time.ts";
import type { Clock } from "../clock/clock.ts";
import { openAnyClock } from "./any-clock.ts";
import { openBackground } from "./background.ts";
import { type Bell, openBell, pause } from "./bell.ts";
import { openCarryOut } from "./carry-out.ts";
import { claimJob } from "./claim.ts";
import type { BatchHandler, JobHandlers } from "./job-handler.ts";
import type { AnyClockName, Job, JobTable } from "./job-table.ts";
import { runLanes } from "./lanes.ts";
import { type Lease, releaseDeadLeases } from "./lease.ts";

export interface JobRunner {
  /** Earliest due time of unfinished work on this clock, or undefined when there is none. */
  nextDueAt(clock: AnyClockName): Promise<string | undefined>;
  /** Runs everything that is due on this clock until nothing is due and nothing is leased. */
  drain(clock: AnyClockName): Promise<void>;
  /** Starts working in the background; `stop` waits for what is running. */
  start(): void;
  stop(): Promise<void>;
}

export interface JobRunnerOptions<Tables> {
  readonly db: Kysely<Tables>;
  readonly table: JobTable;
  readonly clock: Clock;
  readonly handlers: JobHandlers;
  /** Kinds of which many jobs are done at once. */
  readonly batches?: Readonly<Record<string, BatchHandler>>;
  /**
   * Kinds that mostly wait for somebody else, and how many of each run at once beside the `concurrency`
   * of all others: they never keep a worker, and no more of them than this keep connections or memory.
   */
  readonly background?: Readonly<Record<string, number>>;
  readonly logger: Logger;
  readonly concurrency: number;
  /** Whether jobs of this table may be on test clocks as well. Default false. */
  readonly hasTestClocks?: boolean;
  /**
   * How long a process that hangs, or whose machine is gone, keeps its jobs from others; a living one
   * prolongs it, and one that ended loses it at once. Default 30.
   */
  readonly leaseSeconds?: number;
}

/** Draining ended because the runner was told to stop: what is left is another process's. */
export class RunnerStopping extends Error {
  constructor() {
    super("The runner is stopping");
  }
}

const LEASE_SECONDS = 30;
const IDLE_POLL_MS = 250;
/** How often a runner with nothing to do looks for leases of processes that are gone. */
const DEAD_LEASES_MS = 1000;
/** Who drains and finds nothing to do looks again soon, then less and less often. */
const FIRST_DRAIN_POLL_MS = 2;
const MAX_DRAIN_POLL_MS = 50;

/** Runs the jobs of one table. Any number of processes may do so over one database. */
export function createJobRunner<Tables>(options: JobRunnerOptions<Tables>): JobRunner {
  const { db, table, clock, handlers, logger, concurrency } = options;
  const { leaseSeconds = LEASE_SECONDS, hasTestClocks = false, batches = {} } = options;
  const carryOut = openCarryOut({ db, table, clock, handlers, batches, logger, leaseSeconds });
  const bells = new Set<Bell>();
  const inBackground = openBackground(options.background ?? {}, {
    onError: (job, error) =>
      logger.error({ job: job.kind, jobId: String(job.id), err: error }, "could not settle a job"),
    onEnd() {
      for (const bell of bells) bell.ring();
    },
  });
  const stopping = new AbortController();
  let working: Promise<void> | undefined;
  let lookedForDeadAt = Number.NEGATIVE_INFINITY;

  async function releaseDead(): Promise<void> {
    if (performance.now() < lookedForDeadAt + DEAD_LEASES_MS) return;
    lookedForDeadAt = performance.now();
    await releaseDeadLeases(db, table);
  }

  const readNow = async (clockName: AnyClockName) => instantText(await clock.now(clockName));

  /**
   * Takes the next job that is due, for a lane; one of the background begins beside it instead. The time is
   * asked for each: a clock that was just set back must not have jobs run that are no longer due.
   */
  async function takeNext(
    clockName: AnyClockName,
    askTime: () => Promise<string> = () => readNow(clockName),
  ): Promise<Job | "begun" | undefined> {
    const lease: Lease = { token: randomUUID(), seconds: leaseSeconds };
    const nowAt = await askTime();
    const job = await claimJob(db, table, clockName, nowAt, lease, inBackground.fullKinds());
    if (job === undefined || !inBackground.takes(job)) return job;
    inBackground.run(job, carryOut.one(job));
    return "begun";
  }

  async function openWork(clockName: AnyClockName, nowAt: string): Promise<boolean> {
    const ready = sql`select 1 from ${sql.table(table)}
      where clock = ${clockName} and state = 'ready'`;
    const { rows } = await sql<{ open: boolean }>`select
      exists (${ready} and due_at <= ${nowAt}::timestamptz)
      or exists (${ready} and lease_until >= clock_timestamp()) as open`.execute(db);
    return rows[0]?.open ?? false;
  }

  /** Waits for jobs of a clock until nothing is due and nothing is leased. */
  async function drainClock(clockName: AnyClockName, bell: Bell): Promise<void> {
    // A clock stands while it is drained, or runs on slowly: it is read again when all is done.
    let nowAt = await readNow(clockName);
    let isDone = false;
    async function find(): Promise<Job | undefined> {
      let waitMs = FIRST_DRAIN_POLL_MS;
      while (!stopping.signal.aborted) {
        if (isDone) return undefined;
        const job = await takeNext(clockName, async () => nowAt);
        if (job === "begun") continue;
        if (job !== undefined) return job;
        nowAt = await readNow(clockName);
        isDone = !(await openWork(clockName, nowAt));
        if (isDone) return undefined;
        await releaseDead();
        await bell.wait(waitMs, stopping.signal);
        waitMs = Math.min(waitMs * 2, MAX_DRAIN_POLL_MS);
      }
      throw new RunnerStopping();
    }
    await runLanes(concurrency, {
      find,
      async carryOut(job) {
        await carryOut.withOthers(job);
        bell.ring();
      },
    });
  }

  /** Does what nobody waits for: its failure is logged, and it is tried again after a second. */
  async function orWait<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await work();
    } catch (error) {
      logger.error({ err: error, table }, "job runner could not reach the database");
      await pause(1000, stopping.signal);
      return undefined;
    }
  }

  /** Works until it is told to stop. */
  async function work(bell: Bell): Promise<void> {
    const takeAny = openAnyClock({ db, table, hasTestClocks, takeFrom: (name) => takeNext(name) });
    await runLanes(concurrency, {
      async find() {
        while (!stopping.signal.aborted) {
          const job = await orWait(takeAny);
          if (job === "begun") continue;
          if (job !== undefined) return job;
          await orWait(releaseDead);
          await bell.wait(IDLE_POLL_MS, stopping.signal);
        }
        return undefined;
      },
      async carryOut(job) {
        await orWait(() => carryOut.withOthers(job));
        bell.ring();
      },
    });
  }

  async function withBell(task: (bell: Bell) => Promise<void>): Promise<void> {
    const bell = openBell();
    bells.add(bell);
    try {
      await task(bell);
    } finally {
      bells.delete(bell);
    }
  }

  return {
    async nextDueAt(clockName) {
      const { rows } = await sql<{ due_at: string | null }>`select min(due_at) as due_at
        from ${sql.table(table)} where clock = ${clockName} and state = 'ready'`.execute(db);
      return rows[0]?.due_at ?? undefined;
    },
    drain: (clockName) => withBell((bell) => drainClock(clockName, bell)),
    start() {
      working = withBell(work);
    },
    async stop() {
      stopping.abort();
      await working;
      await inBackground.end();
    },
  };
}
