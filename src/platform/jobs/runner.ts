import { randomUUID } from "node:crypto";
import { type Kysely, sql } from "kysely";
import type { Logger } from "pino";
import { instant, instantText, Temporal } from "../../domain/time.ts";
import { type Clock, laterOf } from "../clock/clock.ts";
import { openBackground, pause } from "./background.ts";
import {
  buryJob,
  claimJob,
  claimMore,
  findBusyTestClock,
  finishJob,
  finishJobs,
  type Lease,
  postponeJob,
  releaseDeadLeases,
  renewLease,
} from "./claim.ts";
import type { AnyClockName, ClockName, Job, JobTable } from "./job-table.ts";

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
const RENEWALS_PER_LEASE = 3;
/** How many jobs of a kind are done at once. */
const BATCH_SIZE = 40;
const IDLE_POLL_MS = 250;
/** How long a worker does the work of one clock before it looks at the others. */
const TURN_MS = 250;
/** How often a runner with nothing to do looks for leases of processes that are gone. */
const DEAD_LEASES_MS = 1000;
/** A draining lane that finds nothing to do looks again soon, then less and less often. */
const FIRST_DRAIN_POLL_MS = 2;
const MAX_DRAIN_POLL_MS = 50;
const FIRST_RETRY_SECONDS = 15;
const MAX_RETRY_SECONDS = 3600;
const CLOCKS: readonly ClockName[] = ["PRODUCTION", "SANDBOX"];

/** 15 s, 30 s, 1 min, ... an hour at most. */
const backoffSeconds = (attempt: number): number =>
  Math.min(FIRST_RETRY_SECONDS * 2 ** (attempt - 1), MAX_RETRY_SECONDS);

/** Runs the jobs of one table. Any number of processes may do so over one database. */
export function createJobRunner<Tables>(options: JobRunnerOptions<Tables>): JobRunner {
  const { db, table, clock, handlers, logger, concurrency } = options;
  const { leaseSeconds = LEASE_SECONDS, hasTestClocks = false, batches = {} } = options;
  const inBackground = openBackground(options.background ?? {}, (job, error) =>
    logger.error({ job: job.kind, jobId: String(job.id), err: error }, "could not settle a job"),
  );
  const stopping = new AbortController();
  let workers: Promise<void>[] = [];
  let lookedForDeadAt = Number.NEGATIVE_INFINITY;

  async function releaseDead(): Promise<void> {
    if (performance.now() < lookedForDeadAt + DEAD_LEASES_MS) return;
    lookedForDeadAt = performance.now();
    await releaseDeadLeases(db, table);
  }

  const readNow = async (clockName: AnyClockName) => instantText(await clock.now(clockName));

  async function runOne(clockName: AnyClockName, nowAt: string): Promise<boolean> {
    const lease: Lease = { token: randomUUID(), seconds: leaseSeconds };
    const job = await claimJob(db, table, clockName, nowAt, lease, inBackground.fullKinds());
    if (job === undefined) return false;
    if (inBackground.takes(job)) {
      inBackground.run(job, carryOut(job, lease));
      return true;
    }
    const batch = batches[job.kind];
    if (batch === undefined) await carryOut(job, lease);
    else await carryOutBatch(job, lease, batch);
    return true;
  }

  async function carryOut(job: Job, lease: Lease): Promise<void> {
    const renewal = keepLease(job, lease);
    try {
      await settleJob(job, lease.token, await callHandler(job));
    } catch (error) {
      await failJob(job, lease.token, error);
    } finally {
      clearInterval(renewal);
    }
  }

  async function carryOutBatch(first: Job, lease: Lease, batch: BatchHandler): Promise<void> {
    const jobs = [first, ...(await claimMore(db, table, first, lease, BATCH_SIZE - 1))];
    if (jobs.length === 1) return carryOut(first, lease);
    const renewals = jobs.map((job) => keepLease(job, lease));
    try {
      const outcomes = await batch(jobs);
      const done = jobs.filter((_, index) => outcomes[index] === undefined);
      await finishJobs(
        db,
        table,
        done.map(({ id }) => id),
        lease.token,
      );
      for (const [index, job] of jobs.entries()) {
        if (outcomes[index] !== undefined) await settleJob(job, lease.token, outcomes[index]);
      }
    } catch (error) {
      logger.info(
        { job: first.kind, err: error },
        "many jobs at once failed, they are done one by one",
      );
      for (const job of jobs) await carryOut(job, lease);
    } finally {
      for (const renewal of renewals) clearInterval(renewal);
    }
  }

  async function callHandler(job: Job): Promise<JobOutcome> {
    const handler = handlers[job.kind];
    if (handler === undefined) throw new Error(`No handler for job kind ${job.kind}`);
    return (await handler(job)) ?? undefined;
  }

  function keepLease(job: Job, lease: Lease): NodeJS.Timeout {
    const context = { job: job.kind, jobId: String(job.id) };
    const renewal = setInterval(
      () => {
        renewLease(db, table, job.id, lease).then(
          (kept) => {
            if (!kept) logger.warn(context, "job ran longer than its lease, another worker has it");
          },
          (error) => logger.warn({ ...context, err: error }, "could not prolong a job's lease"),
        );
      },
      (leaseSeconds * 1000) / RENEWALS_PER_LEASE,
    );
    renewal.unref();
    return renewal;
  }

  async function settleJob(job: Job, token: string, outcome: JobOutcome): Promise<void> {
    if (outcome === undefined) return finishJob(db, table, job.id, token);
    return postponeJob(db, table, job.id, token, {
      dueAt: outcome.dueAt,
      keepAttempts: outcome.countsAsFailure !== true,
      ...(outcome.notBeforeAt === undefined ? {} : { notBeforeAt: outcome.notBeforeAt }),
      ...(outcome.reason === undefined ? {} : { error: outcome.reason }),
    });
  }

  async function failJob(job: Job, token: string, error: unknown): Promise<void> {
    const message = error instanceof Error ? error.message : String(error);
    const context = { job: job.kind, jobId: String(job.id), attempt: job.attempt, err: error };
    if (job.attempt >= job.maxAttempts) {
      logger.error(context, "job is dead: a person must act");
      return buryJob(db, table, job.id, token, message);
    }
    logger.warn(context, "job failed, will be retried");
    const now = laterOf(await clock.now(job.clock), instant(job.dueAt));
    const dueAt = now.add(Temporal.Duration.from({ seconds: backoffSeconds(job.attempt) }));
    return postponeJob(db, table, job.id, token, { dueAt: instantText(dueAt), error: message });
  }

  async function openWork(clockName: AnyClockName, nowAt: string): Promise<boolean> {
    const ready = sql`select 1 from ${sql.table(table)}
      where clock = ${clockName} and state = 'ready'`;
    const { rows } = await sql<{ open: boolean }>`select
      exists (${ready} and due_at <= ${nowAt}::timestamptz)
      or exists (${ready} and lease_until >= clock_timestamp()) as open`.execute(db);
    return rows[0]?.open ?? false;
  }

  async function drainLane(clockName: AnyClockName): Promise<void> {
    let waitMs = FIRST_DRAIN_POLL_MS;
    let nowAt = await readNow(clockName);
    while (!stopping.signal.aborted) {
      if (await runOne(clockName, nowAt)) {
        waitMs = FIRST_DRAIN_POLL_MS;
        continue;
      }
      // A clock stands while it is drained, or runs on slowly: it is read again when all is done.
      nowAt = await readNow(clockName);
      if (!(await openWork(clockName, nowAt))) return;
      await releaseDead();
      await inBackground.room(waitMs, stopping.signal);
      waitMs = Math.min(waitMs * 2, MAX_DRAIN_POLL_MS);
    }
    throw new RunnerStopping();
  }

  /**
   * Stays with a clock that has work, but not for long: those of the others wait. The time is read for
   * each claim: a clock that was just set back must not have jobs run that are no longer due.
   */
  async function runSome(clockName: AnyClockName): Promise<boolean> {
    const until = performance.now() + TURN_MS;
    if (!(await runOne(clockName, await readNow(clockName)))) return false;
    while (!stopping.signal.aborted && performance.now() < until) {
      if (!(await runOne(clockName, await readNow(clockName)))) break;
    }
    return true;
  }

  async function work(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        let busy = false;
        for (const name of CLOCKS) busy = (await runSome(name)) || busy;
        const testClock = hasTestClocks ? await findBusyTestClock(db, table) : undefined;
        if (testClock !== undefined) busy = (await runSome(testClock)) || busy;
        if (busy) continue;
        await releaseDead();
        await inBackground.room(IDLE_POLL_MS, stopping.signal);
      } catch (error) {
        logger.error({ err: error, table }, "job runner could not reach the database");
        await pause(1000, stopping.signal);
      }
    }
  }

  return {
    async nextDueAt(clockName) {
      const { rows } = await sql<{ due_at: string | null }>`select min(due_at) as due_at
        from ${sql.table(table)} where clock = ${clockName} and state = 'ready'`.execute(db);
      return rows[0]?.due_at ?? undefined;
    },
    async drain(clockName) {
      await Promise.all(Array.from({ length: concurrency }, () => drainLane(clockName)));
    },
    start() {
      workers = Array.from({ length: concurrency }, () => work());
    },
    async stop() {
      stopping.abort();
      await Promise.all(workers);
      await inBackground.end();
    },
  };
}
