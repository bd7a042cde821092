import { createHash, randomUUID } from "node:crypto";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../test/support/database.ts";
import { rowsRead } from "../../test/support/rows-read.ts";
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
let customers: string[];
const metrics = Array.from({ length: METRICS }, () => randomUUID());

/** Usage that came while the database made no statistics: what it knows is from before. */
beforeAll(async () => {
  database = await createTestDatabase();
  ({ db } = openDatabase<CoreTables>({ url: database.url, maxConnections: 1 }));
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

type Reading = [name: string, table: string, read: (db: CoreDb) => Promise<unknown>, rows: number];

/** Rows that belong to what is asked: 24 hours for each customer and metric. */
test.each<Reading>([
  [
    "rollups of a customer",
    "usage_rollups",
    (at) => listRollups(at, { ...ofOne(), metricIds: metrics, from: MONTH.start, to: MONTH.end }),
    120,
  ],
  [
    "distinct counts of a customer",
    "usage_distinct_values",
    (at) =>
      listDistinctCounts(at, {
        ...ofOne(),
        windows: metrics.map((metricId) => ({ metricId, groupKeys: [], ...MONTH })),
      }),
    120,
  ],
  [
    "where values were seen",
    "usage_distinct_values",
    (at) =>
      listDistinctValues(at, { ...ofOne(), metricIds: metrics, values: VALUES, within: MONTH }),
    120,
  ],
  ["windows of one", "usage_rollups", (at) => listWindowRollups(at, ofMany(1)), 120],
  ["windows of many", "usage_rollups", (at) => listWindowRollups(at, ofMany(80)), 9600],
  [
    "distinct values of one by window",
    "usage_distinct_values",
    (at) => listWindowDistincts(at, ofMany(1)),
    120,
  ],
  [
    "distinct values of many by window",
    "usage_distinct_values",
    (at) => listWindowDistincts(at, ofMany(80)),
    9600,
  ],
  ["metered hours", "usage_rollups", (at) => listMeteredHours(at, metered()), 24],
  [
    "hours with distinct values",
    "usage_distinct_values",
    (at) => listDistinctHours(at, metered()),
    24,
  ],
  [
    "distinct values of a metric by window",
    "usage_distinct_values",
    (at) => countDistinctValues(at, metered(), 24),
    24,
  ],
])(
  "%s: usage of others is not read, whatever is known of the table",
  async (_, table, read, rows) => {
    expect(await rowsRead(db, table, read)).toEqual({ ownPlan: rows, anyPlan: rows });
  },
);
