import { type Kysely, sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../test/support/database.ts";
import { inTransaction, openDatabase } from "./database.ts";
import { StatementNames } from "./prepared-client.ts";

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
