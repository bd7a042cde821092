import { setTimeout as pause } from "node:timers/promises";
import { type Kysely, sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../test/support/database.ts";
import { inTransaction, openDatabase } from "./database.ts";
import { preparedClient, StatementNames } from "./prepared-client.ts";

let database: TestDatabase;
/** One process' handle, and another's that migrates. */
let db: Kysely<unknown>;
let other: Kysely<unknown>;

beforeAll(async () => {
  database = await createTestDatabase();
  db = openDatabase({ url: database.url, maxConnections: 1 }).db;
  other = openDatabase({ url: database.url, maxConnections: 1 }).db;
  await sql`create table things (id int primary key, name text)`.execute(other);
  await sql`insert into things values (1, 'one'), (2, 'two')`.execute(other);
});
afterAll(async () => {
  await db.destroy();
  await other.destroy();
  await database.drop();
});

const read = async (id: number, on: Kysely<unknown> = db): Promise<unknown> =>
  (await sql`select * from things where id = ${id}`.execute(on)).rows[0];

const prepared = async (): Promise<string[]> =>
  (await sql<{ statement: string }>`select statement from pg_prepared_statements`.execute(db)).rows
    .map(({ statement }) => statement)
    .filter((statement) => statement.includes("things"));

test("a statement that comes again is prepared, and answers as before", async () => {
  for (const id of [1, 2, 1, 2]) expect(await read(id)).toMatchObject({ id });
  expect(await prepared()).toEqual(["select * from things where id = $1"]);
});

test("a column that another process adds is there at once, outside and inside of a transaction", async () => {
  await sql`alter table things add column colour text default 'red'`.execute(other);
  expect(await read(1)).toEqual({ id: 1, name: "one", colour: "red" });
  for (let again = 0; again < 4; again += 1) await read(1);
  await sql`alter table things add column size int default 7`.execute(other);
  let runs = 0;
  const found = await inTransaction(db, async (tx) => {
    runs += 1;
    await sql`update things set name = name || '!' where id = ${1}`.execute(tx);
    return read(1, tx);
  });
  expect([found, runs]).toEqual([{ id: 1, name: "one!", colour: "red", size: 7 }, 2]);
});

test("an error of another kind is the caller's, once", async () => {
  const insert = () => sql`insert into things (id) values (${1})`.execute(db);
  for (let again = 0; again < 4; again += 1) await expect(insert()).rejects.toThrow("things_pkey");
});

test("a plan that was made for a short table does not outlive its time", async () => {
  const plansAgeMs = 50;
  const client = new (preparedClient(new StatementNames(), plansAgeMs))(database.url);
  await client.connect();
  try {
    await client.query(
      "create table queue (id int primary key, filler text) with (autovacuum_enabled = false)",
    );
    await client.query("insert into queue values (1, 'x'), (7, 'x')");
    await client.query("vacuum analyze queue");
    const find = () => client.query("select filler from queue where id = $1", [7]);
    const planOf = async (): Promise<string> => {
      const { rows } = await client.query("select name from pg_prepared_statements", []);
      const explained = await client.query(`explain execute ${rows[0].name}(7)`);
      return explained.rows.map((row) => row["QUERY PLAN"]).join(" ");
    };
    await client.query("set plan_cache_mode = force_generic_plan");
    for (let again = 0; again < 5; again += 1) await find();
    expect(await planOf()).toContain("Seq Scan");
    await client.query(
      "insert into queue select n, repeat('x', 200) from generate_series(100, 20000) n",
    );
    expect(await planOf()).toContain("Seq Scan");
    await pause(plansAgeMs);
    await find();
    expect(await planOf()).toContain("Index");
    // In a transaction that has failed there is nothing to plan, and the error is the statement's own.
    await client.query("begin");
    await expect(client.query("select 1/0")).rejects.toThrow("division by zero");
    await pause(plansAgeMs);
    await expect(find()).rejects.toThrow("current transaction is aborted");
    await client.query("rollback");
    expect((await find()).rowCount).toBe(1);
  } finally {
    await client.end();
  }
});

test("rare and long statements are not prepared, and no more than a bound of them", () => {
  const names = new StatementNames();
  const often = (text: string) => [1, 2, 3].map(() => names.nameOf(text)).at(-1);
  expect(names.nameOf("select 1")).toBeUndefined();
  expect(often("select 2")).toBe("s0_0");
  expect(often(`select ${"1".repeat(7000)}`)).toBeUndefined();
  const all = Array.from({ length: 1000 }, (_, n) => often(`select ${n} + $1`));
  expect(all.filter((name) => name !== undefined)).toHaveLength(399);
  names.forget();
  expect(often("select 2")).toBe("s1_0");
});
