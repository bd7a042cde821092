import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../test/support/database.ts";
import { openDatabase } from "./database.ts";
import { type Migration, migrate } from "./migrate.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const note = (name: string): Migration => ({
  name,
  async up(db) {
    await sql`insert into instance_facts values (${name}, 'applied')`.execute(db);
  },
});

test("a database that knows more migrations than the code is refused", async () => {
  const { db } = openDatabase({ url: database.url, maxConnections: 2 });
  await expect(migrate(db, [note("only")])).rejects.toThrow("newer version of Ledgerline");
  await db.destroy();
});

test("several processes that start at once apply each migration once", async () => {
  const { db } = openDatabase({ url: database.url, maxConnections: 4 });
  const { rows } = await sql<{ name: string }>`select name from schema_migrations`.execute(db);
  const known = rows.map(({ name }) => ({ name, up: async () => {} }));
  const runs = await Promise.all(
    [1, 2, 3].map(() => migrate(db, [...known, note("a"), note("b")])),
  );
  expect(runs.flat().sort()).toEqual(["a", "b"]);
  await db.destroy();
});

test("a migration that fails leaves nothing behind and is tried again at the next start", async () => {
  const { db } = openDatabase({ url: database.url, maxConnections: 2 });
  const { rows } = await sql<{ name: string }>`select name from schema_migrations`.execute(db);
  const known = rows.map(({ name }) => ({ name, up: async () => {} }));
  const failing: Migration = {
    name: "c",
    async up(tx) {
      await note("c").up(tx);
      throw new Error("half way");
    },
  };
  await expect(migrate(db, [...known, failing])).rejects.toThrow("half way");
  expect(await migrate(db, [...known, note("c")])).toEqual(["c"]);
  await db.destroy();
});
