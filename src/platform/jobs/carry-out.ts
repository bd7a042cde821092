import type { Kysely } from "kysely";
import type { Logger } from "pino";
import { instant, instantText, Temporal } from "../../domain/time.ts";
import { type Clock, laterOf } from "../clock/clock.ts";
import { claimMore } from "./claim.ts";
import { buryJob, finishJob, finishJobs, postponeJob } from "./end-job.ts";
import type { BatchHandler, JobHandlers, JobOutcome } from "./job-handler.ts";
import type { Job, JobTable } from "./job-table.ts";
import { type Lease, renewLease } from "./lease.ts";

/** What carrying out jobs needs. */
export interface CarryOutOptions<Tables> {
  readonly db: Kysely<Tables>;
  readonly table: JobTable;
  readonly clock: Clock;
  readonly handlers: JobHandlers;
  /** Kinds of which many jobs are done at once. */
  readonly batches: Readonly<Record<string, BatchHandler>>;
  readonly logger: Logger;
  readonly leaseSeconds: number;
}

/** Carries out jobs that were claimed, keeps their leases meanwhile, and writes down how they ended. */
export interface CarryOut {
  /** A job by itself. */
  one(job: Job): Promise<void>;
  /** A job, and with it others of a kind of which many are done at once. */
  withOthers(job: Job): Promise<void>;
}

const RENEWALS_PER_LEASE = 3;
/** How many jobs of a kind are done at once. */
const BATCH_SIZE = 40;
const FIRST_RETRY_SECONDS = 15;
const MAX_RETRY_SECONDS = 3600;

/** 15 s, 30 s, 1 min, ... an hour at most. */
const backoffSeconds = (attempt: number): number =>
  Math.min(FIRST_RETRY_SECONDS * 2 ** (attempt - 1), MAX_RETRY_SECONDS);

/** What is done with jobs of one table once they are claimed. */
export function openCarryOut<Tables>(options: CarryOutOptions<Tables>): CarryOut {
  const { db, table, clock, handlers, batches, logger, leaseSeconds } = options;

  async function one(job: Job): Promise<void> {
    const renewal = keepLease(job);
    try {
      await settleJob(job, await callHandler(job));
    } catch (error) {
      await failJob(job, error);
    } finally {
      clearInterval(renewal);
    }
  }

  async function carryOutBatch(first: Job, batch: BatchHandler): Promise<void> {
    const lease: Lease = { token: first.leaseToken, seconds: leaseSeconds };
    const jobs = [first, ...(await claimMore(db, table, first, lease, BATCH_SIZE - 1))];
    if (jobs.length === 1) return one(first);
    const renewals = jobs.map(keepLease);
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
        if (outcomes[index] !== undefined) await settleJob(job, outcomes[index]);
      }
    } catch (error) {
      logger.info(
        { job: first.kind, err: error },
        "many jobs at once failed, they are done one by one",
      );
      for (const job of jobs) await one(job);
    } finally {
      for (const renewal of renewals) clearInterval(renewal);
    }
  }

  async function callHandler(job: Job): Promise<JobOutcome> {
    const handler = handlers[job.kind];
    if (handler === undefined) throw new Error(`No handler for job kind ${job.kind}`);
    return (await handler(job)) ?? undefined;
  }

  function keepLease(job: Job): NodeJS.Timeout {
    const lease: Lease = { token: job.leaseToken, seconds: leaseSeconds };
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

  async function settleJob(job: Job, outcome: JobOutcome): Promise<void> {
    const token = job.leaseToken;
    if (outcome === undefined) return finishJob(db, table, job.id, token);
    return postponeJob(db, table, job.id, token, {
      dueAt: outcome.dueAt,
      keepAttempts: outcome.countsAsFailure !== true,
      ...(outcome.notBeforeAt === undefined ? {} : { notBeforeAt: outcome.notBeforeAt }),
      ...(outcome.reason === undefined ? {} : { error: outcome.reason }),
    });
  }

  async function failJob(job: Job, error: unknown): Promise<void> {
    const token = job.leaseToken;
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

  return {
    one,
    async withOthers(job) {
      const batch = batches[job.kind];
      await (batch === undefined ? one(job) : carryOutBatch(job, batch));
    },
  };
}
