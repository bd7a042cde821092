import { type Kysely, sql } from "kysely";

/** An environment's clock. */
export type ClockName = "PRODUCTION" | "SANDBOX";

/** A clock that only what is made on it follows: it stands, and goes forwards when it is told to. */
export type TestClockName = `clock_${string}`;

/** Which clock a job's due time is on. */
export type AnyClockName = ClockName | TestClockName;

export const isTestClock = (name: AnyClockName): name is TestClockName => name.startsWith("clock_");

/** The core and Collect each have a job table of their own, of one shape. */
export type JobTable = "core_jobs" | "collect.jobs";

export interface NewJob {
  readonly clock: AnyClockName;
  readonly kind: string;
  /** At most one unfinished job per (clock, kind, key); enqueueing again wakes it (enqueueJob). */
  readonly key?: string;
  /** Jobs of one subject (a customer) run one at a time, in order of their due time. */
  readonly subject?: string;
  /**
   * What the job must have to itself while it runs, a payer at a provider say: jobs of one resource never
   * run at the same time, whatever their subjects; their order is free.
   */
  readonly resource?: string | undefined;
  readonly payload: Readonly<Record<string, unknown>>;
  /** ISO instant on that clock. */
  readonly dueAt: string;
  /** After so many failed attempts the job is dead and waits for a person. Default 12. */
  readonly maxAttempts?: number;
}

export interface Job {
  readonly id: bigint;
  readonly clock: AnyClockName;
  readonly kind: string;
  readonly key: string | null;
  readonly subject: string | null;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly dueAt: string;
  /** 1 on the first run. */
  readonly attempt: number;
  readonly maxAttempts: number;
  /** ISO instant that its clock showed when it was claimed. */
  readonly claimedAt: string;
  /** Tells the worker that claimed it last from those that lost it. */
  readonly leaseToken: string;
}

/** Creates one job table with the indexes its claim statement needs. */
// biome-ignore lint/suspicious/noExplicitAny: a migration runs against the schema as it was then.
export async function createJobTable(db: Kysely<any>, table: JobTable): Promise<void> {
  const name = sql.table(table);
  const prefix = table.replace(".", "_");
  await sql`create table ${name} (
    id bigint generated always as identity primary key,
    clock text not null check (clock in ('PRODUCTION', 'SANDBOX')),
    kind text not null,
    key text,
    subject text,
    payload jsonb not null,
    due_at timestamptz not null,
    not_before_at timestamptz,
    state text not null default 'ready' check (state in ('ready', 'dead')),
    attempts integer not null default 0,
    max_attempts integer not null default 12,
    wake_at timestamptz,
    lease_token uuid,
    lease_until timestamptz,
    lease_owner text,
    last_error text,
    created_at timestamptz not null default now())`.execute(db);
  await sql`create unique index ${sql.ref(`${prefix}_key`)} on ${name} (clock, kind, key)
    where key is not null`.execute(db);
  await sql`create index ${sql.ref(`${prefix}_due`)} on ${name} (clock, due_at, id)
    where state = 'ready'`.execute(db);
  await sql`create index ${sql.ref(`${prefix}_subject`)} on ${name} (clock, subject, due_at, id)
    where state = 'ready' and subject is not null`.execute(db);
}
