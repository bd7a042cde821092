import fc from "fast-check";
import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../test/support/database.ts";
import type { CoreDb, CoreTables } from "../db/database.ts";
import { toText } from "../domain/decimal.ts";
import { groupValuesKey } from "../domain/metering/group-values.ts";
import type { Aggregation, Metric } from "../domain/metering/metric.ts";
import { rollUp } from "../domain/metering/roll-up.ts";
import type { UsageEvent } from "../domain/metering/usage-event.ts";
import { instant } from "../domain/time.ts";
import { openDatabase } from "../platform/database/database.ts";
import { insertMetric, listMetrics } from "../store/billable-metrics.ts";
import { updateMetricsVersion } from "../store/metrics-lock.ts";
import { listRollups } from "../store/usage-rollups.ts";
import { createRecordingCache, recordUsage } from "./record-usage.ts";

const NOW = instant("2024-03-01T12:00:00Z");
const AGGREGATIONS: Aggregation[] = ["COUNT", "SUM", "MAX", "LATEST"];
let database: TestDatabase;
/** Four pools with a cache each, as four processes would have. */
let workers: { db: CoreDb; cache: ReturnType<typeof createRecordingCache> }[];
let db: CoreDb;
let environmentId: string;
let metrics: Metric[];

beforeAll(async () => {
  database = await createTestDatabase();
  workers = [1, 2, 3, 4].map(() => ({
    db: openDatabase<CoreTables>({ url: database.url, maxConnections: 2 }).db,
    cache: createRecordingCache(),
  }));
  const [first] = workers;
  if (first === undefined) throw new Error("no worker");
  db = first.db;
  const environment = await db.selectFrom("environments").select("id").executeTakeFirstOrThrow();
  environmentId = environment.id;
  await db.transaction().execute(async (tx) => {
    for (const aggregation of AGGREGATIONS) {
      await insertMetric(tx, {
        environmentId,
        name: aggregation,
        createdAt: "2024-01-01T00:00:00Z",
        aggregation,
        aggregationKey: aggregation === "COUNT" ? null : "n",
        eventTypeFilter: null,
        propertyFilters: [],
        groupKeys: [["region"]],
      });
    }
    await updateMetricsVersion(tx, environmentId);
  });
  metrics = await listMetrics(db, { environmentId, includeArchived: false });
});
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.db.destroy()));
  await database.drop();
});

const newCustomer = async (): Promise<string> => {
  const at = "2024-01-01T00:00:00Z";
  const row = await db
    .insertInto("customers")
    .values({ environment_id: environmentId, name: "x", created_at: at, updated_at: at })
    .returning("id")
    .executeTakeFirstOrThrow();
  return row.id;
};

interface Sample {
  readonly id: number;
  readonly minute: number;
  readonly n: number | null;
  readonly region: string;
}

const toEvent = (customerRef: string, { id, minute, n, region }: Sample): UsageEvent => {
  const at = instant("2024-02-29T22:00:00Z").add({ minutes: minute });
  const properties = { region, ...(n === null ? {} : { n: `${n}.25` }) };
  return {
    transactionId: `${customerRef}:${id}`,
    customerRef,
    eventType: "use",
    at: { text: at.toString(), epochMs: at.epochMilliseconds },
    properties,
    propertiesText: JSON.stringify(properties),
  };
};

/** The numbers that the metric's aggregation reads, as text and in one order. */
const shown = (metric: Metric, rows: ReturnType<typeof rollUp>): string[] =>
  rows
    .map((row) =>
      JSON.stringify([
        row.hourStart.toString(),
        groupValuesKey(row.groupValues),
        String(row.count),
        metric.aggregation === "SUM" ? toText(row.sum) : null,
        metric.aggregation === "MAX" && row.max !== null ? toText(row.max) : null,
        metric.aggregation === "LATEST" && row.latest !== null
          ? [toText(row.latest.value), row.latest.at.toString()]
          : null,
      ]),
    )
    .sort();

async function expectRollups(customerId: string, events: readonly UsageEvent[]): Promise<void> {
  const stored = await listRollups(db, {
    environmentId,
    customerId,
    metricIds: metrics.map(({ id }) => id),
    from: instant("2024-02-29T00:00:00Z"),
    to: instant("2024-03-02T00:00:00Z"),
  });
  const timed = events.map((event) => ({ ...event, timestamp: instant(event.at.text) }));
  for (const metric of metrics) {
    expect(shown(metric, stored.get(metric.id) ?? [])).toEqual(
      shown(metric, rollUp(metric, timed)),
    );
  }
}

const samples = fc.array(
  fc.record({
    id: fc.nat({ max: 1_000_000 }),
    minute: fc.nat({ max: 240 }),
    n: fc.option(fc.integer({ min: -5, max: 5 })),
    region: fc.constantFrom("eu", "us", ""),
  }),
  { minLength: 1, maxLength: 30 },
);

test("the database rolls up as the domain does, whatever the batches, order and repeats", async () => {
  await fc.assert(
    fc.asyncProperty(samples, fc.integer({ min: 1, max: 7 }), async (given, size) => {
      const customerId = await newCustomer();
      const unique = [...new Map(given.map((sample) => [sample.id, sample])).values()];
      const events = unique.map((sample) => toEvent(customerId, sample));
      for (let from = 0; from < events.length; from += size) {
        const batch = events.slice(Math.max(0, from - 2), from + size);
        const cache = createRecordingCache();
        await recordUsage(db, cache, { environmentId, now: NOW, events: batch.toReversed() });
      }
      await expectRollups(customerId, events);
    }),
    { numRuns: 25 },
  );
});

test("many writers of the same events at once count each once", async () => {
  const customers = [await newCustomer(), await newCustomer(), await newCustomer()];
  const events = customers.flatMap((customer) =>
    Array.from({ length: 200 }, (_, id) =>
      toEvent(customer, {
        id,
        minute: (id * 7) % 240,
        n: (id % 11) - 5,
        region: id % 2 ? "eu" : "us",
      }),
    ),
  );
  const accepted = await Promise.all(
    workers.flatMap((worker, i) =>
      [0, 1, 2, 3, 4].map((turn) => {
        const rotated = [...events.slice(turn * 97), ...events.slice(0, turn * 97)];
        const batch = i % 2 === 0 ? rotated : rotated.toReversed();
        return recordUsage(worker.db, worker.cache, { environmentId, now: NOW, events: batch });
      }),
    ),
  );
  expect(accepted.reduce((sum, n) => sum + n, 0)).toBe(600);
  for (const customer of customers) {
    await expectRollups(
      customer,
      events.filter(({ customerRef }) => customerRef === customer),
    );
  }
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from usage_events
    where customer_ref = any(${customers})`.execute(db);
  expect(rows[0]?.n).toBe(600);
});

test("writers that meet a new month at once make one partition", async () => {
  const customer = await newCustomer();
  const at = { text: "2030-07-01T00:00:00Z", epochMs: Date.parse("2030-07-01T00:00:00Z") };
  await Promise.all(
    workers.map((worker, id) => {
      const event = { ...toEvent(customer, { id, minute: 0, n: 1, region: "eu" }), at };
      const now = instant("2030-07-01T00:00:00Z");
      return recordUsage(worker.db, worker.cache, { environmentId, now, events: [event] });
    }),
  );
  const { rows } = await sql<{ n: number }>`select count(*)::int as n
    from usage_events_2030_07`.execute(db);
  expect(rows[0]?.n).toBe(4);
});

test("nothing of a batch stays when its transaction is undone", async () => {
  const customer = await newCustomer();
  const at = { text: "2030-09-01T00:00:00Z", epochMs: Date.parse("2030-09-01T00:00:00Z") };
  const usage = {
    environmentId,
    now: instant("2030-09-01T00:00:00Z"),
    events: [{ ...toEvent(customer, { id: 1, minute: 0, n: 1, region: "eu" }), at }],
  };
  const cache = createRecordingCache();
  const undone = db.transaction().execute(async (tx) => {
    await recordUsage(tx, cache, usage);
    throw new Error("killed");
  });
  await expect(undone).rejects.toThrow("killed");
  expect(await recordUsage(db, cache, usage)).toBe(1);
});
