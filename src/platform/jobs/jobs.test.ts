import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { type Kysely, sql } from "kysely";
import { pino } from "pino";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../test/support/database.ts";
import { instant, instantText } from "../../domain/time.ts";
import type { Clock } from "../clock/clock.ts";
import { openDatabase } from "../database/database.ts";
import { claimJob } from "./claim.ts";
import { listDeadJobs, listOverdueJobs, reviveJob } from "./dead-jobs.ts";
import { buryJob, finishJob, postponeJob } from "./end-job.ts";
import { enqueueJob } from "./enqueue.ts";
import type { BatchHandler, JobHandlers, JobOutcome } from "./job-handler.ts";
import type { AnyClockName, Job, JobTable, NewJob } from "./job-table.ts";
import { releaseDeadLeases } from "./lease.ts";
import { createJobRunner, type JobRunner } from "./runner.ts";

let database: TestDatabase;
let db: Kysely<unknown>;

beforeAll(async () => {
  database = await createTestDatabase();
  db = openDatabase({ url: database.url, maxConnections: 12 }).db;
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});
beforeEach(async () => {
  await sql`truncate core_jobs restart identity`.execute(db);
});

const T = (hour: number): string => `2024-01-01T${String(hour).padStart(2, "0")}:00:00Z`;
const NOW = T(12);
const LONG = 60;

const add = (job: Partial<NewJob> = {}): Promise<void> =>
  enqueueJob(db, "core_jobs", {
    clock: "SANDBOX",
    kind: "work",
    payload: {},
    dueAt: T(1),
    ...job,
  });

/** So many due jobs of the kind "slow". */
const addBacklog = (count: number) =>
  sql`insert into core_jobs (clock, kind, payload, due_at)
    select 'SANDBOX', 'slow', '{}', ${T(1)} from generate_series(1, ${count}::int)`.execute(db);

interface Claimed extends Job {
  readonly token: string;
}

async function claim(nowAt = NOW, seconds = LONG): Promise<Claimed | undefined> {
  const token = randomUUID();
  const job = await claimJob(db, "core_jobs", "SANDBOX", nowAt, { token, seconds });
  return job === undefined ? undefined : { ...job, token };
}

async function mustClaim(nowAt = NOW, seconds = LONG): Promise<Claimed> {
  const job = await claim(nowAt, seconds);
  if (job === undefined) throw new Error("nothing to claim");
  return job;
}

const finish = (job: Claimed): Promise<void> => finishJob(db, "core_jobs", job.id, job.token);

async function rows(): Promise<{ key: string | null; state: string; due_at: string }[]> {
  const { rows: found } = await sql<{ key: string | null; state: string; due_at: string }>`
    select key, state, due_at from core_jobs order by id`.execute(db);
  return found;
}

interface RunnerSetup {
  readonly handlers: JobHandlers;
  readonly batches?: Readonly<Record<string, BatchHandler>>;
  readonly background?: Readonly<Record<string, number>>;
  readonly now?: () => string;
  readonly concurrency?: number;
  readonly leaseSeconds?: number;
  readonly table?: JobTable;
}

function runner({
  handlers,
  batches = {},
  background = {},
  now = () => NOW,
  concurrency = 4,
  leaseSeconds = LONG,
  table = "core_jobs",
}: RunnerSetup): JobRunner {
  const clock: Clock = { now: async () => instant(now()) };
  const logger = pino({ level: "silent" });
  const hasTestClocks = table === "collect.jobs";
  const work = { handlers, batches, background, concurrency, leaseSeconds, hasTestClocks };
  return createJobRunner({ db, table, clock, logger, ...work });
}

test("jobs are claimed in order of their due time, then of their arrival", async () => {
  await add({ key: "third", dueAt: T(3) });
  await add({ key: "first", dueAt: T(1) });
  await add({ key: "second", dueAt: T(1) });
  await add({ key: "later", dueAt: T(13) });
  await add({ key: "other clock", dueAt: T(1), clock: "PRODUCTION" });
  const keys = [await claim(), await claim(), await claim(), await claim()].map((job) => job?.key);
  expect(keys).toEqual(["first", "second", "third", undefined]);
});

test("a subject's jobs run one at a time and in order; other subjects do not wait", async () => {
  await add({ key: "a1", subject: "a", dueAt: T(1) });
  await add({ key: "a2", subject: "a", dueAt: T(2) });
  await add({ key: "b1", subject: "b", dueAt: T(3) });
  const a1 = await mustClaim();
  const b1 = await mustClaim();
  expect([a1.key, b1.key, await claim()]).toEqual(["a1", "b1", undefined]);
  await finish(a1);
  expect((await mustClaim()).key).toBe("a2");
});

test("an earlier job that arrives while a later one of its subject runs waits for it", async () => {
  await add({ key: "later", subject: "a", dueAt: T(5) });
  const later = await mustClaim();
  await add({ key: "earlier", subject: "a", dueAt: T(1) });
  expect(await claim()).toBeUndefined();
  await finish(later);
  expect((await mustClaim()).key).toBe("earlier");
});

test("of two claims of a subject that cannot see each other one steps back", async () => {
  await add({ key: "late", subject: "a", dueAt: T(5) });
  const first = await db.startTransaction().execute();
  const lease = { token: randomUUID(), seconds: LONG };
  const late = await claimJob(first, "core_jobs", "SANDBOX", NOW, lease);
  await add({ key: "early", subject: "a", dueAt: T(1) });
  // The second claim's statement does not see the first, which commits right after it.
  const second = db.withPlugin({
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      if (!first.isCommitted) await first.commit().execute();
      return result;
    },
  });
  const other = { token: randomUUID(), seconds: LONG };
  const early = await claimJob(second, "core_jobs", "SANDBOX", NOW, other);
  expect([late?.key, early]).toEqual(["late", undefined]);
  const { rows: waiting } = await sql`select attempts, lease_token from core_jobs
    where key = 'early'`.execute(db);
  expect(waiting).toEqual([{ attempts: 0, lease_token: null }]);
});

test("jobs of one resource never run at a time, whatever their subjects; their order is free", async () => {
  await add({ key: "a", subject: "a", resource: "payer", dueAt: T(1) });
  await add({ key: "b", subject: "b", resource: "payer", dueAt: T(2) });
  await add({ key: "c", subject: "c", resource: "other", dueAt: T(3) });
  const first = await mustClaim();
  const other = await mustClaim();
  expect([first.key, other.key, await claim()]).toEqual(["a", "c", undefined]);
  // One that waits for its provider does not hold up the others of its payer.
  await postponeJob(db, "core_jobs", first.id, first.token, {
    dueAt: T(1),
    notBeforeAt: "2999-01-01T00:00:00Z",
  });
  expect((await mustClaim()).key).toBe("b");
});

test("a job that is enqueued again takes the new resource", async () => {
  await add({ key: "a", resource: "payer" });
  await add({ key: "b", resource: "payer" });
  await add({ key: "b", resource: "other" });
  expect([(await mustClaim()).key, (await mustClaim()).key]).toEqual(["a", "b"]);
});

test("of several of one resource that a batch would take the first stays", async () => {
  for (const key of ["a", "b", "c"]) await add({ key, subject: key, resource: "payer" });
  const sizes: number[] = [];
  const batches = {
    async work(jobs: readonly Job[]) {
      sizes.push(jobs.length);
      return jobs.map(() => undefined);
    },
  };
  const handlers: JobHandlers = { work: async () => void sizes.push(1) };
  await runner({ handlers, batches, concurrency: 1 }).drain("SANDBOX");
  expect(sizes).toEqual([1, 1, 1]);
});

test("many lanes never run one resource twice at a time", async () => {
  const running = new Set<string>();
  let [done, most] = [0, 0];
  const work = async ({ payload }: Job) => {
    const resource = String(payload.resource);
    if (running.has(resource)) throw new Error(`${resource} runs twice`);
    running.add(resource);
    most = Math.max(most, running.size);
    await pause(Math.random() * 5);
    running.delete(resource);
    done += 1;
  };
  for (let index = 0; index < 60; index += 1) {
    const resource = `r${index % 7}`;
    await add({ subject: `s${index}`, resource, payload: { resource }, maxAttempts: 1 });
  }
  const setup = { handlers: { work }, background: { work: 6 } };
  await Promise.all([
    runner(setup).drain("SANDBOX"),
    runner({ handlers: { work } }).drain("SANDBOX"),
  ]);
  expect(done).toBe(60);
  expect(most, "different ones do run at a time").toBeGreaterThan(2);
});

test("what runs in the background keeps no worker, and no more of it runs than its limit", async () => {
  for (let index = 0; index < 5; index += 1) await add({ kind: "slow", dueAt: T(1) });
  await add({ kind: "quick", dueAt: T(2) });
  const order: string[] = [];
  const release = Promise.withResolvers<void>();
  let [running, most] = [0, 0];
  const handlers: JobHandlers = {
    async slow() {
      running += 1;
      most = Math.max(most, running);
      await release.promise;
      running -= 1;
      order.push("slow");
    },
    async quick() {
      order.push("quick");
      release.resolve();
    },
  };
  await runner({ handlers, background: { slow: 3 }, concurrency: 1 }).drain("SANDBOX");
  expect(order).toEqual(["quick", ...Array(5).fill("slow")]);
  expect(most).toBe(3);
});

test("a runner that stops begins no more of the background, however much is due", async () => {
  await addBacklog(300);
  let done = 0;
  const tenth = Promise.withResolvers<void>();
  const handlers: JobHandlers = {
    async slow() {
      done += 1;
      if (done === 10) tenth.resolve();
    },
  };
  const started = runner({ handlers, background: { slow: 16 } });
  started.start();
  await tenth.promise;
  await started.stop();
  expect(done).toBeLessThan(60);
});

test("what is due on another clock does not wait for all of the background", async () => {
  await addBacklog(2000);
  let done = 0;
  const other = Promise.withResolvers<number>();
  const handlers: JobHandlers = {
    async slow() {
      done += 1;
    },
    async quick() {
      other.resolve(done);
    },
  };
  const started = runner({ handlers, background: { slow: 16 } });
  started.start();
  await vi.waitFor(() => expect(done).toBeGreaterThan(0));
  await add({ kind: "quick", clock: "PRODUCTION" });
  expect(await other.promise).toBeLessThan(1900);
  await started.stop();
});

test("a runner that stops waits for what is in the background", async () => {
  await add({ kind: "slow" });
  const begun = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  let done = false;
  const handlers: JobHandlers = {
    async slow() {
      begun.resolve();
      await release.promise;
      done = true;
    },
  };
  const started = runner({ handlers, background: { slow: 1 } });
  started.start();
  await begun.promise;
  const stopped = started.stop();
  release.resolve();
  await stopped;
  expect([done, await rows()]).toEqual([true, []]);
});

test("many connections run every job once, and no subject twice at a time", async () => {
  const running = new Set<string>();
  const done: string[] = [];
  const handlers: JobHandlers = {
    async work(job) {
      const subject = job.subject ?? "";
      if (running.has(subject)) throw new Error(`${subject} runs twice`);
      running.add(subject);
      await pause(Math.random() * 3);
      running.delete(subject);
      done.push(`${subject}:${job.key}`);
    },
  };
  const expected: string[] = [];
  for (let index = 0; index < 60; index += 1) {
    const subject = `s${index % 5}`;
    await add({ key: String(index), subject, dueAt: T(index % 7), maxAttempts: 1 });
    expected.push(`${subject}:${index}`);
  }
  const runners = [runner({ handlers }), runner({ handlers })];
  await Promise.all(runners.map((one) => one.drain("SANDBOX")));
  expect([...done].sort()).toEqual(expected.sort());
  expect(await rows()).toEqual([]);
  for (let subject = 0; subject < 5; subject += 1) {
    const order = done.filter((entry) => entry.startsWith(`s${subject}:`));
    const dueHours = order.map((entry) => Number(entry.split(":")[1]) % 7);
    expect(dueHours).toEqual([...dueHours].sort());
  }
});

test("a waiting job that is enqueued again keeps one row and the earlier due time", async () => {
  await add({ key: "k", dueAt: T(5), payload: { version: 1 } });
  await add({ key: "k", dueAt: T(3), payload: { version: 2 } });
  await add({ key: "k", dueAt: T(9), payload: { version: 3 } });
  expect((await rows()).map(({ due_at }) => due_at)).toEqual([T(3)]);
  expect((await mustClaim()).payload).toEqual({ version: 3 });
});

test("a running job that is enqueued again runs once more, at the new due time", async () => {
  await add({ key: "k", dueAt: T(1) });
  const job = await mustClaim();
  await add({ key: "k", dueAt: T(20) });
  await add({ key: "k", dueAt: T(18) });
  await finish(job);
  expect(await rows()).toEqual([{ key: "k", state: "ready", due_at: T(18) }]);
  expect(await claim()).toBeUndefined();
  const again = await mustClaim(T(18));
  expect(again.attempt).toBe(1);
  await finish(again);
  expect(await rows()).toEqual([]);
});

test("a crashed run loses no wake: a later one stays for its own time", async () => {
  await add({ key: "k", dueAt: T(1) });
  await mustClaim(NOW, 0);
  await add({ key: "k", dueAt: T(18) });
  await finish(await mustClaim());
  expect(await rows()).toEqual([{ key: "k", state: "ready", due_at: T(18) }]);
});

test("a job that asks to run later is brought forward by a wake that came meanwhile", async () => {
  await add({ key: "k" });
  const job = await mustClaim();
  await add({ key: "k", dueAt: T(2) });
  await postponeJob(db, "core_jobs", job.id, job.token, { dueAt: T(20), keepAttempts: true });
  expect((await mustClaim()).attempt).toBe(1);
});

test("after a failure a wake does not shorten the wait, and a later one is kept", async () => {
  await add({ key: "k" });
  const job = await mustClaim();
  await add({ key: "k", dueAt: T(22) });
  await postponeJob(db, "core_jobs", job.id, job.token, { dueAt: T(20), error: "refused" });
  expect(await claim()).toBeUndefined();
  const again = await mustClaim(T(20));
  expect(again.attempt).toBe(2);
  await finish(again);
  expect(await rows()).toEqual([{ key: "k", state: "ready", due_at: T(22) }]);
});

test("a lease that ran out lets another worker take over, and fences the first off", async () => {
  await add({ key: "k" });
  const slow = await mustClaim(NOW, 0);
  const fast = await mustClaim();
  expect([fast.key, fast.attempt]).toEqual(["k", 2]);
  await finish(slow);
  await buryJob(db, "core_jobs", slow.id, slow.token, "too late");
  expect(await rows()).toEqual([{ key: "k", state: "ready", due_at: T(1) }]);
  await finish(fast);
  expect(await rows()).toEqual([]);
});

test("leases of a process that ended are taken back at once, those of a living one are not", async () => {
  await add({ key: "of the living", dueAt: T(1) });
  await add({ key: "of the dead", dueAt: T(2) });
  await mustClaim();
  const other = openDatabase({ url: database.url, maxConnections: 1 }).db;
  const lease = { token: randomUUID(), seconds: LONG };
  const taken = await claimJob(other, "core_jobs", "SANDBOX", NOW, lease);
  await releaseDeadLeases(db, "core_jobs");
  expect([taken?.key, await claim()]).toEqual(["of the dead", undefined]);
  await other.destroy();
  // The database learns of the session's end a moment after us.
  const again = await vi.waitFor(async () => {
    await releaseDeadLeases(db, "core_jobs");
    return mustClaim();
  });
  expect([again.key, again.attempt]).toEqual(["of the dead", 2]);
  await buryJob(db, "core_jobs", again.id, lease.token, "too late");
  expect(await rows()).toMatchObject([{ state: "ready" }, { state: "ready" }]);
});

test("draining takes up what a process that ended had begun", async () => {
  await add({ key: "k" });
  const other = openDatabase({ url: database.url, maxConnections: 1 }).db;
  await claimJob(other, "core_jobs", "SANDBOX", NOW, { token: randomUUID(), seconds: LONG });
  await other.destroy();
  const attempts: number[] = [];
  const handlers: JobHandlers = { work: async (job) => void attempts.push(job.attempt) };
  await runner({ handlers }).drain("SANDBOX");
  expect(attempts).toEqual([2]);
});

test("a handler that runs longer than its lease keeps it", async () => {
  let runs = 0;
  const handlers: JobHandlers = {
    async work() {
      runs += 1;
      await pause(900);
    },
  };
  await add({ key: "k" });
  await runner({ handlers, leaseSeconds: 0.3 }).drain("SANDBOX");
  expect(runs).toBe(1);
});

test("failures are retried 15, 30, 60 s later on the environment's clock, then the job is dead", async () => {
  let now = NOW;
  const attempts: string[] = [];
  const handlers: JobHandlers = {
    async work(job) {
      attempts.push(`${job.attempt}@${now}`);
      throw new Error("refused");
    },
  };
  await add({ key: "k", dueAt: T(12), maxAttempts: 4 });
  const jobs = runner({ handlers, now: () => now });
  for (let step = 0; step < 6; step += 1) {
    await jobs.drain("SANDBOX");
    now = (await jobs.nextDueAt("SANDBOX")) ?? now;
  }
  expect(attempts).toEqual([
    "1@2024-01-01T12:00:00Z",
    "2@2024-01-01T12:00:15Z",
    "3@2024-01-01T12:00:45Z",
    "4@2024-01-01T12:01:45Z",
  ]);
  const dead = await listDeadJobs(db, "core_jobs");
  expect(dead).toMatchObject([{ key: "k", kind: "work", attempts: 4, lastError: "refused" }]);
  expect(await jobs.nextDueAt("SANDBOX")).toBeUndefined();
});

test("a dead job does not hold up its subject; enqueueing or reviving gives it a new life", async () => {
  await add({ key: "k", subject: "a", dueAt: T(1) });
  const job = await mustClaim();
  await buryJob(db, "core_jobs", job.id, job.token, "refused");
  await add({ key: "next", subject: "a", dueAt: T(2) });
  await finish(await mustClaim());
  await add({ key: "k", subject: "a", dueAt: T(6) });
  expect(await rows()).toEqual([{ key: "k", state: "ready", due_at: T(6) }]);
  const again = await mustClaim();
  expect(again.attempt).toBe(1);
  await buryJob(db, "core_jobs", again.id, again.token, "refused again");
  expect(await reviveJob(db, "core_jobs", again.id)).toBe(true);
  expect(await reviveJob(db, "core_jobs", again.id)).toBe(false);
  expect((await mustClaim()).attempt).toBe(1);
});

test("a job that is woken during its last attempt lives on", async () => {
  await add({ key: "k", maxAttempts: 1 });
  const job = await mustClaim();
  await add({ key: "k", dueAt: T(2) });
  await buryJob(db, "core_jobs", job.id, job.token, "refused");
  expect((await mustClaim()).attempt).toBe(1);
});

test("a retry counts no failure and waits for the real time that a provider named", async () => {
  let calls = 0;
  const asked = Date.now();
  const handlers: JobHandlers = {
    async work(job) {
      calls += 1;
      expect(job.attempt).toBe(1);
      if (calls === 1) {
        const notBeforeAt = instantText(instant(new Date(asked + 300).toISOString()));
        return { outcome: "retry", dueAt: job.dueAt, notBeforeAt, reason: "429" };
      }
      expect(Date.now()).toBeGreaterThanOrEqual(asked + 300);
      return undefined;
    },
  };
  await add({ key: "k", maxAttempts: 1 });
  await runner({ handlers }).drain("SANDBOX");
  expect(calls).toBe(2);
  expect(await rows()).toEqual([]);
});

test("a retry that counts uses the attempts up", async () => {
  const attempts: number[] = [];
  const handlers: JobHandlers = {
    async work(job) {
      attempts.push(job.attempt);
      if (job.attempt === job.maxAttempts) return undefined;
      return { outcome: "retry", dueAt: job.dueAt, countsAsFailure: true };
    },
  };
  await add({ key: "k", maxAttempts: 3 });
  await runner({ handlers }).drain("SANDBOX");
  expect(attempts).toEqual([1, 2, 3]);
});

test("draining runs what comes up on the way and waits for what others run", async () => {
  const done: string[] = [];
  const handlers: JobHandlers = {
    async work(job) {
      done.push(job.key ?? "");
      if (job.key === "parent") await add({ key: "child", dueAt: T(2) });
    },
  };
  await add({ key: "parent", dueAt: T(1) });
  await add({ key: "elsewhere", dueAt: T(1) });
  await add({ key: "tomorrow", dueAt: T(20) });
  await sql`update core_jobs set lease_token = gen_random_uuid(),
    lease_until = clock_timestamp() + interval '0.4 seconds' where key = 'elsewhere'`.execute(db);
  await runner({ handlers }).drain("SANDBOX");
  expect(done.sort()).toEqual(["child", "elsewhere", "parent"]);
  expect(await rows()).toEqual([{ key: "tomorrow", state: "ready", due_at: T(20) }]);
});

test("an unknown kind of job becomes visible instead of disappearing", async () => {
  await add({ kind: "nobody-knows", maxAttempts: 1 });
  await runner({ handlers: {} }).drain("SANDBOX");
  const [dead] = await listDeadJobs(db, "core_jobs");
  expect(dead?.lastError).toBe("No handler for job kind nobody-knows");
});

test("overdue jobs are those that should have run, not those that run or wait for a provider", async () => {
  await add({ key: "running", dueAt: T(1) });
  await mustClaim();
  await add({ key: "overdue", dueAt: T(2) });
  await add({ key: "told to wait", dueAt: T(3) });
  await sql`update core_jobs set not_before_at = clock_timestamp() + interval '1 hour'
    where key = 'told to wait'`.execute(db);
  await add({ key: "not yet", dueAt: T(11) });
  const overdue = await listOverdueJobs(db, "core_jobs", "SANDBOX", T(10));
  expect(overdue.map(({ key, dueAt }) => `${key} ${dueAt}`)).toEqual([`overdue ${T(2)}`]);
});

test("a started runner works in the background until it is stopped, and finishes what it began", async () => {
  let started = (): void => {};
  const begun = new Promise<void>((resolve) => {
    started = resolve;
  });
  let finished = false;
  const handlers: JobHandlers = {
    async work() {
      started();
      await pause(200);
      finished = true;
    },
  };
  const jobs = runner({ handlers });
  await add({ key: "k" });
  jobs.start();
  await begun;
  await jobs.stop();
  expect(finished).toBe(true);
  expect(await rows()).toEqual([]);
  await expect(jobs.drain("SANDBOX")).rejects.toThrow("stopping");
});

test("a clock that is set back while a worker is busy has nothing run that is not due by it", async () => {
  let now = T(12);
  const ran: (string | null)[] = [];
  const handlers: JobHandlers = {
    async work({ key }) {
      ran.push(key);
      now = T(2);
    },
  };
  const jobs = runner({ handlers, now: () => now, concurrency: 1 });
  await add({ key: "sets it back", dueAt: T(1) });
  await add({ key: "due by the new time", dueAt: T(2) });
  await add({ key: "due by the old time", dueAt: T(11) });
  jobs.start();
  await expect.poll(() => ran.length).toBe(2);
  await jobs.stop();
  expect(ran).toEqual(["sets it back", "due by the new time"]);
  expect((await rows()).map(({ key }) => key)).toEqual(["due by the old time"]);
});

test("test clocks whose work has to wait hide no other one", async () => {
  const table = "collect.jobs" as const;
  const waiting = Array.from({ length: 25 }, (_, n) => `clock_a${n}` as const);
  const clocks = [...waiting, "clock_b"] as const;
  await sql`insert into clocks (name, frozen_at)
    select name, ${NOW} from unnest(${[...clocks]}::text[]) name`.execute(db);
  const addOn = (clock: AnyClockName, key: string, dueAt: string) =>
    enqueueJob(db, table, { clock, key, subject: "s", kind: "work", payload: {}, dueAt });
  for (const clock of clocks) await addOn(clock, clock, T(2));
  // What comes before them of their subject is kept back: they are due, and cannot run.
  for (const clock of waiting) await addOn(clock, "before", T(1));
  await sql`update collect.jobs set not_before_at = clock_timestamp() + interval '1 hour'
    where key = 'before'`.execute(db);
  const ran: (string | null)[] = [];
  const handlers: JobHandlers = { work: async ({ key }) => void ran.push(key) };
  const jobs = runner({ handlers, table });
  jobs.start();
  await expect.poll(() => ran).toEqual(["clock_b"]);
  await jobs.stop();
});

const keysOf = (jobs: readonly Job[]): string[] => jobs.map(({ key }) => key ?? "");

test("jobs of a kind are done at once, one of each subject, and what is left comes after", async () => {
  const rounds: string[][] = [];
  const alone: string[] = [];
  const batches = {
    async work(jobs: readonly Job[]) {
      rounds.push(keysOf(jobs));
      return jobs.map(() => undefined);
    },
  };
  const handlers: JobHandlers = {
    work: async ({ key }) => void alone.push(key ?? ""),
    other: async ({ key }) => void alone.push(key ?? ""),
  };
  for (const subject of ["a", "b", "c"]) {
    await add({ key: `${subject}1`, subject, dueAt: T(1) });
    await add({ key: `${subject}2`, subject, dueAt: T(2) });
  }
  await add({ key: "x", kind: "other", dueAt: T(1) });
  await add({ key: "later", dueAt: T(20) });
  await runner({ handlers, batches, concurrency: 1 }).drain("SANDBOX");
  expect(rounds).toEqual([
    ["a1", "b1", "c1"],
    ["a2", "b2", "c2"],
  ]);
  expect(alone).toEqual(["x"]);
  expect(await rows()).toEqual([{ key: "later", state: "ready", due_at: T(20) }]);
});

test("when many at once fail, each is done by itself, and the one at fault alone is tried again", async () => {
  const alone: string[] = [];
  const batches = {
    work: async (): Promise<never> => {
      throw new Error("one of us");
    },
  };
  const handlers: JobHandlers = {
    async work({ key }) {
      alone.push(key ?? "");
      if (key === "bad") throw new Error("refused");
    },
  };
  for (const key of ["good", "bad", "fine"]) await add({ key, subject: key });
  await runner({ handlers, batches }).drain("SANDBOX");
  expect(alone.sort()).toEqual(["bad", "fine", "good"]);
  expect(await rows()).toEqual([{ key: "bad", state: "ready", due_at: "2024-01-01T12:00:15Z" }]);
});

test("of jobs done at once each has its own outcome, and one that was woken runs once more", async () => {
  const rounds: string[][] = [];
  const batches = {
    async work(jobs: readonly Job[]): Promise<JobOutcome[]> {
      rounds.push(keysOf(jobs));
      if (rounds.length === 1) await add({ key: "woken", subject: "w", dueAt: T(2) });
      return jobs.map(({ key }) =>
        key === "again" ? { outcome: "retry", dueAt: T(18) } : undefined,
      );
    },
  };
  const alone: string[] = [];
  const handlers: JobHandlers = { work: async ({ key }) => void alone.push(key ?? "") };
  for (const key of ["done", "again", "woken"]) {
    await add({ key, subject: key.charAt(0), dueAt: T(1) });
  }
  await runner({ handlers, batches, concurrency: 1 }).drain("SANDBOX");
  expect(rounds).toEqual([["done", "again", "woken"]]);
  expect(alone).toEqual(["woken"]);
  expect(await rows()).toEqual([{ key: "again", state: "ready", due_at: T(18) }]);
});

test("two runners that take many at once never run one subject twice at a time", async () => {
  const running = new Set<string>();
  const done: string[] = [];
  const batches = {
    async work(jobs: readonly Job[]) {
      for (const { subject } of jobs) {
        if (running.has(subject ?? "")) throw new Error(`${subject} runs twice`);
        running.add(subject ?? "");
      }
      await pause(Math.random() * 5);
      for (const { subject, key } of jobs) {
        running.delete(subject ?? "");
        done.push(key ?? "");
      }
      return jobs.map(() => undefined);
    },
  };
  const handlers: JobHandlers = { work: async ({ key }) => void done.push(key ?? "") };
  for (let index = 0; index < 80; index += 1) {
    await add({ key: String(index), subject: `s${index % 9}`, dueAt: T(index % 7) });
  }
  await Promise.all([1, 2].map(() => runner({ handlers, batches }).drain("SANDBOX")));
  expect(done.map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 80 }, (_, n) => n));
});
