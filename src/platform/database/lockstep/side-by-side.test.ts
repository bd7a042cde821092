import { inspect } from "node:util";
import fc from "fast-check";
import { type Kysely, sql, type Transaction } from "kysely";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../../test/support/database.ts";
import { inTransaction, openDatabase } from "../database.ts";
import { sideBySide } from "./side-by-side.ts";

interface Tables {
  readonly things: {
    readonly id: string;
    readonly owner: number;
    readonly amount: bigint;
    readonly tags: string[];
    readonly data: unknown;
    readonly made_at: string;
  };
}

type Tx = Transaction<Tables>;

let database: TestDatabase;
let db: Kysely<Tables>;
let statements = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  const opened = openDatabase<Tables>({ url: database.url, maxConnections: 3 });
  db = opened.db;
  opened.pool.on("connect", (client) => {
    const send = client.query.bind(client) as (...args: unknown[]) => unknown;
    client.query = ((...args: unknown[]) => {
      statements += 1;
      return send(...args);
    }) as typeof client.query;
  });
  await sql`create table things (id text collate "C" primary key, owner int not null,
    amount bigint not null, tags text[] not null, data jsonb not null, made_at timestamptz not null)`.execute(
    db,
  );
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});
beforeEach(async () => {
  await sql`truncate things`.execute(db);
  statements = 0;
});

const thing = (owner: number, n: number, amount = 0n) => ({
  id: `${owner}/${n}`,
  owner,
  amount,
  tags: [`it's "${n}"`, ""],
  data: JSON.stringify({ n, text: null }),
  made_at: "2024-01-01T00:00:00.5Z",
});

const insert = (tx: Tx, owner: number, n: number, amount?: bigint) =>
  tx
    .insertInto("things")
    .values(thing(owner, n, amount))
    .returningAll()
    .executeTakeFirstOrThrow();

const list = (tx: Tx | Kysely<Tables>, owner: number) =>
  tx.selectFrom("things").selectAll().where("owner", "=", owner).orderBy("id").execute();

const all = async () => (await sql`select * from things order by id`.execute(db)).rows;

/** One thing after the other, some of it only for some. */
type Step =
  | { readonly do: "insert"; readonly n: number; readonly amount: bigint }
  | { readonly do: "add"; readonly n: number }
  | { readonly do: "raise"; readonly n: number; readonly by: bigint }
  | { readonly do: "name"; readonly n: number }
  | { readonly do: "remove"; readonly n: number }
  | { readonly do: "list" | "lock" | "count" };

const n = fc.nat(4);
const amount = fc.bigInt({ min: -(2n ** 60n), max: 2n ** 60n });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constant("insert" as const), n, amount }),
  fc.record({ do: fc.constant("raise" as const), n, by: fc.bigInt({ min: -9n, max: 9n }) }),
  fc.record({ do: fc.constantFrom("add" as const, "name" as const, "remove" as const), n }),
  fc.record({ do: fc.constantFrom("list" as const, "lock" as const, "count" as const) }),
);

async function take(tx: Tx, owner: number, each: Step): Promise<unknown> {
  if (each.do === "insert") {
    const known = await list(tx, owner);
    if (known.some(({ id }) => id === `${owner}/${each.n}`)) return "there";
    return insert(tx, owner, each.n, each.amount);
  }
  if (each.do === "raise") {
    const { numUpdatedRows } = await tx
      .updateTable("things")
      .set({ amount: sql<bigint>`amount + ${each.by}` })
      .where("id", "=", `${owner}/${each.n}`)
      .executeTakeFirst();
    return numUpdatedRows;
  }
  if (each.do === "add") {
    return tx
      .insertInto("things")
      .values(thing(owner, each.n))
      .onConflict((conflict) => conflict.column("id").doNothing())
      .returning("id")
      .execute();
  }
  if (each.do === "name") {
    return tx
      .updateTable("things")
      .set({ tags: ["named"] })
      .where("id", "=", `${owner}/${each.n}`)
      .returning(["id", "tags"])
      .execute();
  }
  if (each.do === "remove") {
    const gone = await tx.deleteFrom("things").where("id", "=", `${owner}/${each.n}`).execute();
    return gone[0]?.numDeletedRows;
  }
  if (each.do === "lock") {
    return tx.selectFrom("things").selectAll().where("owner", "=", owner).forUpdate().execute();
  }
  if (each.do === "count") {
    const { rows } = await sql`select count(*)::int as count, coalesce(sum(amount), 0)::text as sum
      from things where owner = any(${[owner]}::int[])`.execute(tx);
    return rows;
  }
  return list(tx, owner);
}

const work =
  (owner: number, steps: readonly Step[]) =>
  async (tx: Tx): Promise<unknown[]> => {
    const results: unknown[] = [];
    for (const each of steps) results.push(await take(tx, owner, each));
    return results;
  };

/** Rows in no particular order, as text: bigints have no JSON. */
const sorted = (result: unknown): string[] =>
  (Array.isArray(result) ? result : [result]).map((row) => inspect(row)).sort();

test("whatever pieces of work do side by side, each gets and leaves what it would alone", async () => {
  const program = fc.array(step, { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(fc.array(program, { minLength: 2, maxLength: 5 }), async (programs) => {
      await sql`truncate things`.execute(db);
      const alone: unknown[][] = [];
      for (const [owner, steps] of programs.entries()) {
        alone.push(await inTransaction(db, work(owner, steps)));
      }
      const left = await all();
      await sql`truncate things`.execute(db);
      const together = await inTransaction(db, (tx) =>
        sideBySide(
          tx,
          programs.map((steps, owner) => work(owner, steps)),
        ),
      );
      expect(together.map((each) => each.map(sorted))).toEqual(
        alone.map((each) => each.map(sorted)),
      );
      expect(await all()).toEqual(left);
    }),
    { numRuns: 60 },
  );
});

test("statements of one text go as one for all", async () => {
  const owners = Array.from({ length: 30 }, (_, owner) => owner);
  const program = work(0, []);
  await inTransaction(db, (tx) => sideBySide(tx, [program]));
  const run = async () => {
    await sql`truncate things`.execute(db);
    statements = 0;
    await inTransaction(db, (tx) =>
      sideBySide(
        tx,
        owners.map((owner) => async (handle: Tx) => {
          await insert(handle, owner, 1);
          await list(handle, owner);
        }),
      ),
    );
    return statements;
  };
  await run();
  // begin, insert, select, commit
  expect(await run()).toBe(4);
  expect(await all()).toHaveLength(30);
});

test("when one throws all is undone, and the others have ended before", async () => {
  let ended = 0;
  const doomed = inTransaction(db, (tx) =>
    sideBySide(
      tx,
      [1, 2, 3].map((owner) => async (handle: Tx) => {
        await insert(handle, owner, 1);
        if (owner === 2) throw new Error("not me");
        await list(handle, owner);
        ended += 1;
      }),
    ),
  );
  await expect(doomed).rejects.toThrow("not me");
  expect(ended).toBe(2);
  expect(await all()).toEqual([]);
});

test("what the database refuses to one is refused to all who asked for it", async () => {
  await insert(db as Tx, 2, 1);
  const doomed = inTransaction(db, (tx) =>
    sideBySide(
      tx,
      [1, 2, 3].map((owner) => (handle: Tx) => insert(handle, owner, 1)),
    ),
  );
  await expect(doomed).rejects.toThrow("things_pkey");
  expect(await all()).toHaveLength(1);
});

test("what is tried and taken back is taken back for all at once, whoever comes to it later", async () => {
  const tries = (owner: number, before: number) => async (handle: Tx) => {
    await insert(handle, owner, 0);
    for (let look = 0; look < before; look += 1) await list(handle, owner);
    await sql`savepoint tried`.execute(handle);
    await insert(handle, owner, 1);
    const seen = await list(handle, owner);
    await sql`rollback to savepoint tried`.execute(handle);
    return [seen.length, (await list(handle, owner)).length];
  };
  const early = async (handle: Tx) => [(await insert(handle, 9, 0)).owner];
  const results = await inTransaction(db, (tx) =>
    sideBySide(tx, [tries(1, 0), tries(2, 3), early, tries(3, 1)]),
  );
  expect(results).toEqual([[2, 1], [2, 1], [9], [2, 1]]);
  expect(await all()).toHaveLength(4);
});

test("work that must wait for each other at different points is broken off", async () => {
  const doomed = inTransaction(db, (tx) =>
    sideBySide(tx, [
      async (handle: Tx) => void (await sql`savepoint mine`.execute(handle)),
      async (handle: Tx) => void (await sql`savepoint yours`.execute(handle)),
    ]),
  );
  await expect(doomed).rejects.toThrow("diverged");
});
