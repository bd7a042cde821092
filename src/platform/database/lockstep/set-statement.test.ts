import { expect, test } from "vitest";
import { toSetStatement } from "./set-statement.ts";
import { toLiteral } from "./to-literal.ts";

const FROM = (n: number): string => {
  const numbers = Array.from({ length: n }, (_, index) => index + 1);
  const arrays = numbers.map((each) => `$${each}::text[]`).join(", ");
  const columns = numbers.map((each) => `p${each}`).join(", ");
  return `unnest(${arrays}) with ordinality as lockstep (${columns}, lockstep_caller)`;
};

test("a question is asked for each caller, with its own values as their types", () => {
  expect(toSetStatement('select * from "a" where "id" = $1 and b > $2', ["text", "int4"])).toEqual({
    sql: `select lockstep.lockstep_caller, found.* from ${FROM(2)} cross join lateral (select * from "a" where "id" = (lockstep.p1::text) and b > (lockstep.p2::int4)) as found`,
    rowsOf: "caller",
    returns: true,
  });
});

test("one row for each caller is inserted, in their order", () => {
  const sql = 'insert into "s"."a" ("x", "y") values ($1, case when $2 then now() end) returning *';
  expect(toSetStatement(sql, ["text", "bool"])).toEqual({
    sql: `insert into "s"."a" ("x", "y") select (lockstep.p1::text), case when (lockstep.p2::bool) then now() end from ${FROM(2)} order by lockstep.lockstep_caller returning *`,
    rowsOf: "order",
    returns: true,
  });
});

test("an update changes each caller's rows", () => {
  expect(toSetStatement('update "s"."a" set "x" = $1 where "id" = $2', ["text", "text"])).toEqual({
    sql: `update "s"."a" set "x" = (lockstep.p1::text) from ${FROM(2)} where "id" = (lockstep.p2::text) returning lockstep.lockstep_caller`,
    rowsOf: "caller",
    returns: false,
  });
});

test("an update answers the columns that are asked for", () => {
  const sql = 'update "a" set "x" = $1 where "id" = $2 returning "id", "x"';
  expect(toSetStatement(sql, ["text", "text"])).toEqual({
    sql: `update "a" set "x" = (lockstep.p1::text) from ${FROM(2)} where "id" = (lockstep.p2::text) returning lockstep.lockstep_caller, "id", "x"`,
    rowsOf: "caller",
    returns: true,
  });
});

test("a row that is there already is not inserted, and its caller gets none", () => {
  const sql =
    'insert into "a" ("x", "id") values ($1, $2) on conflict ("id") do nothing returning "id"';
  expect(toSetStatement(sql, ["text", "uuid"])).toEqual({
    sql: `with added as (insert into "a" ("x", "id") select (lockstep.p1::text), (lockstep.p2::uuid) from ${FROM(2)} order by lockstep.lockstep_caller on conflict ("id") do nothing returning "id") select lockstep.lockstep_caller, added.* from ${FROM(2)} join added on added."id" = (lockstep.p2::uuid)`,
    rowsOf: "caller",
    returns: true,
  });
});

test.each([
  'insert into "a" ("id", "x") values (now(), $1) on conflict ("id") do nothing returning "id"',
  'insert into "a" ("x") values ($1) on conflict ("id") do nothing returning "id"',
  'insert into "a" ("id", "x") values ($1, $2) on conflict ("id") do nothing returning "x"',
  'update "a" set "x" = (select y from b where b.id = $1) where "id" = $2',
  "insert into a (x) values ($1), ($2)",
  "insert into a (x) values ($1) on conflict do nothing",
  "insert into a (x) select $1",
  "update a set x = b.x from b where a.id = $1 and b.id = $2",
  "update a alias set x = $1 where id = $2",
  "delete from a where id = $1",
  "with b as (select $1) select * from b",
])("%s is sent for each by itself", (sql) => {
  expect(toSetStatement(sql, ["text", "text"])).toBeUndefined();
});

test.each([
  [null, null],
  [undefined, null],
  ["it's", "it's"],
  [12n, "12"],
  [1.5, "1.5"],
  [false, "false"],
  [["a", 'b"c\\', null, ""], '{"a","b\\"c\\\\",NULL,""}'],
  [[], "{}"],
])("%s is written as %s", (value, text) => {
  expect(toLiteral(value)).toBe(text);
});

test("what has no text is refused", () => {
  expect(() => toLiteral({})).toThrow("parameter");
});
