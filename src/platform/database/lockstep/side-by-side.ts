import {
  type CompiledQuery,
  type DatabaseConnection,
  DummyDriver,
  PostgresDialect,
  type QueryResult,
  Transaction,
} from "kysely";
import { Lockstep } from "./lockstep.ts";

/** The way of one worker to the database: through the lockstep. */
const connectionOf = (lockstep: Lockstep): DatabaseConnection => ({
  executeQuery: <Row>(query: CompiledQuery) => lockstep.ask(query) as Promise<QueryResult<Row>>,
  streamQuery() {
    throw new Error("Work in lockstep does not stream");
  },
});

/** A worker's own handle on the transaction that all share. */
function handleOn<Tables>(tx: Transaction<Tables>, lockstep: Lockstep): Transaction<Tables> {
  const connection = connectionOf(lockstep);
  const executor = tx
    .getExecutor()
    .withConnectionProvider({ provideConnection: (consumer) => consumer(connection) });
  const pool = () => Promise.reject(new Error("A transaction has its connection"));
  const dialect = new PostgresDialect({ pool });
  return new Transaction<Tables>({
    config: { dialect },
    driver: new DummyDriver(),
    dialect,
    executor,
  });
}

/**
 * Does several pieces of work in one transaction, side by side (lockstep.ts), and answers what each
 * came to. They must not touch what another of them changes. When one throws, all end before it is
 * thrown on, and the transaction is of no more use.
 */
export function sideBySide<Tables, Result>(
  tx: Transaction<Tables>,
  works: readonly ((tx: Transaction<Tables>) => Promise<Result>)[],
): Promise<Result[]> {
  return tx.getExecutor().provideConnection(async (connection) => {
    const lockstep = new Lockstep(connection, works.length);
    const done = works.map(async (work) => {
      try {
        return await work(handleOn(tx, lockstep));
      } finally {
        lockstep.leave();
      }
    });
    // Nobody is left behind on a connection that is no longer theirs.
    await Promise.allSettled(done);
    return Promise.all(done);
  });
}
