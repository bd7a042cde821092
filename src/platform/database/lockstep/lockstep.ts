import { CompiledQuery, type DatabaseConnection, type QueryResult } from "kysely";
import { CALLER, type SetStatement, toSetStatement } from "./set-statement.ts";
import { toLiteral } from "./to-literal.ts";

type Row = Record<string, unknown>;
type Result = QueryResult<Row>;

interface Waiting {
  readonly query: CompiledQuery;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** Pieces of work came to points where one must wait for the other: they cannot go side by side. */
export class LockstepBroken extends Error {
  constructor() {
    super("Work in lockstep has diverged");
  }
}

/** A statement that concerns all that is done in the transaction: all workers make it together. */
const BARRIER = /^(?:savepoint|rollback to savepoint|release savepoint) /;

type SetStatements = Map<string, SetStatement | undefined>;

/** Of each statement its form for many, by its text, as the session of a connection reads it. */
const knownOn = new WeakMap<DatabaseConnection, SetStatements>();

const run = (connection: DatabaseConnection, sql: string, values: readonly unknown[] = []) =>
  connection.executeQuery<Row>(CompiledQuery.raw(sql, [...values]));

/** The types of a statement's parameters, as the database reads it; `name` is free on the connection. */
async function typesOf(connection: DatabaseConnection, name: string, sql: string) {
  await run(connection, `prepare ${name} as ${sql}`);
  const { rows } = await run(
    connection,
    "select parameter_types::text[] as types from pg_prepared_statements where name = $1",
    [name],
  );
  await run(connection, `deallocate ${name}`);
  return rows[0]?.types as string[];
}

async function setStatementOf(
  connection: DatabaseConnection,
  sql: string,
): Promise<SetStatement | undefined> {
  const known: SetStatements = knownOn.get(connection) ?? new Map();
  knownOn.set(connection, known);
  if (!known.has(sql)) {
    const isFit = /^\s*(?:select|insert|update)\b/i.test(sql) && sql.includes("$1");
    // Taken before the question: a name stays taken when the transaction is lost with it.
    known.set(sql, undefined);
    const name = `lockstep_${known.size}`;
    if (isFit) known.set(sql, toSetStatement(sql, await typesOf(connection, name, sql)));
  }
  return known.get(sql);
}

/** Gives each caller what belongs to it of the rows of one statement for all. */
function share(result: Result, count: number, { rowsOf, returns }: SetStatement): Result[] {
  const rows: Row[][] = Array.from({ length: count }, () => []);
  for (const [index, { [CALLER]: caller, ...row }] of result.rows.entries()) {
    rows[rowsOf === "order" ? index : Number(caller) - 1]?.push(row);
  }
  return rows.map((own) => ({
    rows: returns ? own : [],
    numAffectedRows: BigInt(rowsOf === "order" ? 1 : own.length),
  }));
}

/**
 * Lets pieces of work of one transaction go side by side, step by step: while all wait for the
 * database, what they wait for is sent, and statements of one text go as one for all of them. Each
 * sees what it would see alone, as long as none of them touches what another changes.
 */
export class Lockstep {
  readonly #connection: DatabaseConnection;
  #waiting: Waiting[] = [];
  #working: number;
  #isSending = false;

  constructor(connection: DatabaseConnection, workers: number) {
    this.#connection = connection;
    this.#working = workers;
  }

  /** What one worker asks; it asks one thing at a time. */
  ask(query: CompiledQuery): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ query, resolve, reject });
      this.#sendSoon();
    });
  }

  /** A worker has done its part. */
  leave(): void {
    this.#working -= 1;
    this.#sendSoon();
  }

  /** Everybody who can come to a question by now has come. */
  #sendSoon(): void {
    if (this.#isSending) return;
    this.#isSending = true;
    setImmediate(() => void this.#send());
  }

  async #send(): Promise<void> {
    const all = this.#waiting;
    const steps = all.filter(({ query }) => !BARRIER.test(query.sql));
    // Those who stand at a barrier wait there for all the others.
    const turn = steps.length > 0 ? steps : all.length === this.#working ? all : [];
    const going = new Set(turn);
    this.#waiting = all.filter((each) => !going.has(each));
    const groups = Map.groupBy(turn, ({ query }) => query.sql);
    const isBroken = steps.length === 0 && groups.size > 1;
    for (const group of groups.values()) await this.#answer(group, isBroken);
    this.#isSending = false;
    if (turn.length > 0 && this.#waiting.length > 0) this.#sendSoon();
  }

  async #answer(group: readonly Waiting[], isBroken: boolean): Promise<void> {
    try {
      if (isBroken) throw new LockstepBroken();
      const results = await this.#ask(group.map(({ query }) => query));
      for (const [index, { resolve }] of group.entries()) resolve(results[index] as Result);
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  async #ask(queries: readonly CompiledQuery[]): Promise<readonly Result[]> {
    const [first] = queries;
    if (first === undefined) return [];
    const { sql } = first;
    if (BARRIER.test(sql) || (queries.length > 1 && isOneQuestion(queries))) {
      const result = await run(this.#connection, sql, first.parameters);
      // Each may do with its rows what it likes.
      return queries.map(() => ({ ...result, rows: result.rows.map((row) => ({ ...row })) }));
    }
    const together = queries.length > 1 ? await setStatementOf(this.#connection, sql) : undefined;
    if (together === undefined) {
      const results: Result[] = [];
      for (const { parameters } of queries) {
        results.push(await run(this.#connection, sql, parameters));
      }
      return results;
    }
    const columns = first.parameters.map((_, n) =>
      queries.map(({ parameters }) => toLiteral(parameters[n])),
    );
    const result = await run(this.#connection, together.sql, columns);
    return share(result, queries.length, together);
  }
}

/** The same question from everybody: the answer is the same, and is asked for once. */
function isOneQuestion([first, ...others]: readonly CompiledQuery[]): boolean {
  if (first === undefined || !/^\s*select\b/i.test(first.sql)) return false;
  const { parameters } = first;
  return others.every((other) =>
    other.parameters.every((value, n) => toLiteral(value) === toLiteral(parameters[n])),
  );
}
