import fc from "fast-check";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../test/support/database.ts";
import type { CoreDb, CoreTables } from "../../db/database.ts";
import { openDatabase } from "../../platform/database/database.ts";
import { arrayLiteral, textArray } from "./arrays.ts";

let database: TestDatabase;
let db: CoreDb;
beforeAll(async () => {
  database = await createTestDatabase();
  db = openDatabase<CoreTables>({ url: database.url, maxConnections: 1 }).db;
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});

test("any text arrives as it was", async () => {
  const read = async (values: readonly string[]) => {
    const { rows } = await sql<{ values: string[] }>`select
      ${textArray(values)} as values`.execute(db);
    return rows[0]?.values;
  };
  const tricky = ["", "NULL", "null", "{", "}", ",", '"', "\\", '\\"', " a ", "\n", "é😀", "{}"];
  const separated = ["a\u001fb", "c"];
  expect(await read(tricky)).toEqual(tricky);
  for (const values of [[], [""], ["", ""], separated]) expect(await read(values)).toEqual(values);
  const texts = fc.array(fc.string({ unit: "binary" }).filter((text) => !text.includes("\0")));
  await fc.assert(
    fc.asyncProperty(texts, async (values) => {
      expect(await read(values)).toEqual(values);
    }),
    { numRuns: 100 },
  );
});

test("numbers and nothing arrive as they were", async () => {
  const { rows } = await sql<{ value: string | null }>`select value
    from unnest(${arrayLiteral(["1.50", null, -2])}::numeric[]) as given (value)`.execute(db);
  expect(rows.map(({ value }) => value)).toEqual(["1.50", null, "-2"]);
});
