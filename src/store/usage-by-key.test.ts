import { createHash, randomUUID } from "node:crypto";
import { type CompiledQuery, Kysely, PostgresDialect, sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../test/support/database.ts";
import type { CoreDb, CoreTables } from "../db/database.ts";
import { instant } from "../domain/time.ts";
import { openDatabase } from "../platform/database/database.ts";
import { countDistinctValues, listDistinctHours, listMeteredHours } from "./metered-hours.ts";
import { listDistinctCounts } from "./usage-distinct-counts.ts";
import { listDistinctValues } from "./usage-distinct-values.ts";
import { listRollups } from "./usage-rollups.ts";
import { listWindowDistincts, listWindowRollups } from "./usage-windows.ts";

const CUSTOMERS = 100;
const METRICS = 5;
/** Each customer used each metric in as many hours, and saw one of five values in each. */
const HOURS = 24;
const MONTH = { start: instant("2024-01-01T00:00:00Z"), end: instant("2024-02-01T00:00:00Z") };
const VALUES = [0, 1, 2, 3, 4].map((n) => createHash("md5").update(String(n)).digest("hex"));

let database: TestDatabase;
let db: CoreDb;
let environmentId: string;
let sent: CompiledQuery[] = [];
let customers: string[];
const metrics = Array.from({ length: METRICS }, () => randomUUID());

/** Usage that came while the database made no statistics: what it knows is from before. */
beforeAll(async () => {
  database = await createTestDatabase();
  const { pool } = openDatabase<CoreTables>({ url: database.url, maxConnections: 1 });
  db = new Kysely<CoreTables>({
    dialect: new PostgresDialect({ pool }),
    log: ({ query }) => {
      sent.push(query);
    },
  });
  for (const table of ["usage_rollups", "usage_distinct_values", "customers"]) {
    await sql`alter table ${sql.table(table)} set (autovacuum_enabled = off)`.execute(db);
  }
  environmentId = (await db.selectFrom("environments").select("id").executeTakeFirstOrThrow()).id;
  const few = await addCustomers(3);
  await addUsage(few, "2023-11-01T00:00:00Z");
  await sql`analyze usage_rollups, usage_distinct_values, customers`.execute(db);
  customers = await addCustomers(CUSTOMERS);
  await addUsage(customers, "2024-01-03T00:00:00Z");
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});

async function addCustomers(count: number): Promise<string[]> {
  const at = "2024-01-01T00:00:00Z";
  const one = { environment_id: environmentId, name: "x", created_at: at, updated_at: at };
  const rows = await db
    .insertInto("customers")
    .values(Array.from({ length: count }, () => one))
    .returning("id")
    .execute();
  return rows.map(({ id }) => id);
}

async function addUsage(refs: readonly string[], from: string): Promise<void> {
  const used = sql`unnest(${metrics}::uuid[]) as metric cross join unnest(${refs}::text[]) as ref
    cross join generate_series(0, ${HOURS}::int - 1) as n`;
  const key = sql`metric, ref, ${from}::timestamptz + make_interval(hours => n), md5('[]')::uuid, '{}'`;
  await sql`insert into usage_rollups (metric_id, customer_ref, hour, group_hash, group_values,
      event_count, value_sum) select ${key}, 1, 2 from ${used}`.execute(db);
  await sql`insert into usage_distinct_values (metric_id, customer_ref, hour, group_hash, group_values,
      value_hash) select ${key}, md5((n % 5)::text)::uuid from ${used}`.execute(db);
}

interface PlanNode {
  readonly "Relation Name"?: string;
  readonly "Index Cond"?: string;
  readonly "Actual Rows": number;
  readonly "Actual Loops": number;
  readonly "Rows Removed by Filter"?: number;
  readonly "Rows Removed by Index Recheck"?: number;
  readonly Plans?: readonly PlanNode[];
}

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];

/** How many rows of usage a reading goes through, with a plan for its values and with one for any. */
async function rowsReadBy(read: () => Promise<unknown>): Promise<number[]> {
  sent = [];
  await read();
  const [query] = sent;
  if (query === undefined) throw new Error("nothing was asked");
  const counts: number[] = [];
  for (const mode of ["force_custom_plan", "force_generic_plan"]) {
    const values = query.parameters.map((value) => sql.lit(toText(value)));
    const plan = await db.connection().execute(async (connection) => {
      await sql`set plan_cache_mode = ${sql.raw(mode)}`.execute(connection);
      await sql.raw(`prepare reading as ${query.sql}`).execute(connection);
      const { rows } = await sql<{ "QUERY PLAN": [{ Plan: PlanNode }] }>`
        explain (analyze, timing off, format json) execute reading (${sql.join(values)})`.execute(
        connection,
      );
      await sql`deallocate reading`.execute(connection);
      await sql`reset plan_cache_mode`.execute(connection);
      return rows[0]?.["QUERY PLAN"][0].Plan;
    });
    if (plan === undefined) throw new Error("no plan");
    const nodes = nodesOf(plan);
    const ofUsage = nodes.filter((node) => node["Relation Name"]?.startsWith("usage_"));
    counts.push(ofUsage.reduce((sum, node) => sum + rowsOf(node), 0));
  }
  return counts;
}

const rowsOf = (node: PlanNode): number =>
  node["Actual Loops"] *
  (node["Actual Rows"] +
    (node["Rows Removed by Filter"] ?? 0) +
    (node["Rows Removed by Index Recheck"] ?? 0));

/** A parameter as the text of a literal. */
const toText = (value: unknown): string =>
  Array.isArray(value)
    ? `{${value.map((item) => (item === null ? "null" : `"${item}"`)).join(",")}}`
    : String(value);

const ofOne = () => ({ environmentId, customerId: customers[50] ?? "" });
const ofMany = (count: number) => ({
  environmentId,
  customerIds: customers.slice(0, count),
  metrics: metrics.map((id) => ({ id, groupKey: null })),
  range: MONTH,
  hours: 24,
});
const metered = () => ({
  ...ofOne(),
  metricId: metrics[3] ?? "",
  groupValues: {},
  within: MONTH,
});

/** Rows that belong to what is asked: 24 hours for each customer and metric. */
test.each<[string, () => Promise<unknown>, number]>([
  [
    "rollups of a customer",
    () => listRollups(db, { ...ofOne(), metricIds: metrics, from: MONTH.start, to: MONTH.end }),
    120,
  ],
  [
    "distinct counts of a customer",
    () =>
      listDistinctCounts(db, {
        ...ofOne(),
        windows: metrics.map((metricId) => ({ metricId, groupKeys: [], ...MONTH })),
      }),
    120,
  ],
  [
    "where values were seen",
    () => listDistinctValues(db, { ...ofOne(), metricIds: metrics, values: VALUES, within: MONTH }),
    120,
  ],
  ["windows of a customer", () => listWindowRollups(db, ofMany(1)), 120],
  ["windows of many customers", () => listWindowRollups(db, ofMany(80)), 9600],
  ["distinct values of a customer by window", () => listWindowDistincts(db, ofMany(1)), 120],
  ["distinct values of many by window", () => listWindowDistincts(db, ofMany(80)), 9600],
  ["metered hours", () => listMeteredHours(db, metered()), 24],
  ["hours with distinct values", () => listDistinctHours(db, metered()), 24],
  ["distinct values by window", () => countDistinctValues(db, metered(), 24), 24],
])("%s: rows of others are not read, whatever is known of the tables", async (_, read, rows) => {
  expect(await rowsReadBy(read)).toEqual([rows, rows]);
});
