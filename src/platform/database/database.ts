import { randomUUID } from "node:crypto";
import { Kysely, PostgresDialect, sql, type Transaction } from "kysely";
import pg from "pg";
import { columnTypes } from "./parsers.ts";
import { isStalePlan, preparedClient, StatementNames } from "./prepared-client.ts";

export interface DatabaseOptions {
  readonly url: string;
  readonly maxConnections: number;
}

/** A pool of connections and the typed query builder over it. `destroy()` closes both. */
export function openDatabase<Tables>({ url, maxConnections }: DatabaseOptions): {
  db: Kysely<Tables>;
  pool: pg.Pool;
} {
  const pool = new pg.Pool({
    Client: preparedClient(new StatementNames()),
    connectionString: url,
    max: maxConnections,
    // One session is always open: by its name others see that this process lives (session-owner.ts).
    min: 1,
    types: columnTypes as pg.CustomTypesConfig,
    options: "-c timezone=UTC -c datestyle=ISO",
    application_name: `ledgerline-${randomUUID()}`,
  });
  // A connection that breaks is replaced by the pool and fails what was running on it; without these
  // listeners, one for idle connections and one for those in use, it would end the process as well.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  return { db: new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }), pool };
}

/** Deadlock and serialisation failures: the transaction did nothing and may simply run again. */
const RETRYABLE = new Set(["40P01", "40001"]);
const MAX_TRIES = 10;
/** Rivals that come at once come back apart: up to 2, 4, 8, ... milliseconds later, and never much. */
const MAX_WAIT_MS = 200;

const waitApart = (attempt: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, Math.random() * Math.min(2 ** attempt, MAX_WAIT_MS));
  });

/** SQLSTATE of a database error, or undefined for anything else. */
export const sqlState = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;

/** Name of the constraint that a database error names, if it names one. */
export const violatedConstraint = (error: unknown): string | undefined =>
  error instanceof Error && "constraint" in error && typeof error.constraint === "string"
    ? error.constraint
    : undefined;

const isTransaction = <Tables>(db: Kysely<Tables>): db is Transaction<Tables> => db.isTransaction;

export interface TransactionOptions {
  /**
   * All statements see the database as it was at the first one. Work that decides on what it read
   * must first update a row that its rivals update too: the loser then fails and runs again.
   */
  readonly oneSnapshot?: boolean;
}

/**
 * Runs `work` in one transaction; deadlocks, serialisation failures and stale plans are retried here and
 * nowhere else, so `work` must have no effect outside the transaction. Inside a transaction it joins that
 * one as it is, and the outermost call retries.
 */
export async function inTransaction<Tables, Result>(
  db: Kysely<Tables>,
  work: (tx: Transaction<Tables>) => Promise<Result>,
  { oneSnapshot = false }: TransactionOptions = {},
): Promise<Result> {
  if (isTransaction(db)) return work(db);
  const isolation = oneSnapshot ? "repeatable read" : "read committed";
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await db.transaction().setIsolationLevel(isolation).execute(work);
    } catch (error) {
      const isRetryable = RETRYABLE.has(sqlState(error) ?? "") || isStalePlan(error);
      if (attempt >= MAX_TRIES || !isRetryable) throw error;
      await waitApart(attempt);
    }
  }
}

/** Waits until the server answers a trivial query. */
export async function pingDatabase<Tables>(db: Kysely<Tables>): Promise<void> {
  await sql`select 1`.execute(db);
}
