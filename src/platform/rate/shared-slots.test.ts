import { type Kysely, sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTestDatabase, type TestDatabase } from "../../../test/support/database.ts";
import { openDatabase } from "../database/database.ts";
import { createRateGate } from "./rate-gate.ts";
import { type SharedSlots, sharedSlots } from "./shared-slots.ts";

let database: TestDatabase;
/** Two pools: what two processes have of one database. */
let processes: readonly [Kysely<unknown>, Kysely<unknown>];

beforeAll(async () => {
  database = await createTestDatabase();
  const open = () => openDatabase({ url: database.url, maxConnections: 2 }).db;
  processes = [open(), open()];
});
afterAll(async () => {
  await Promise.all(processes.map((db) => db.destroy()));
  await database.drop();
});

/** Slots of a database, and how often it was asked for some. */
function countedSlots(db: Kysely<unknown>): SharedSlots & { readonly asked: number } {
  const slots = sharedSlots(db);
  let asked = 0;
  return {
    ...slots,
    reserve: (...request) => {
      asked += 1;
      return slots.reserve(...request);
    },
    get asked() {
      return asked;
    },
  };
}

test("two gates over one database keep to one rate together, each to a half of it", async () => {
  const slots = processes.map(countedSlots);
  const gates = slots.map((each) => createRateGate({ slots: each }));
  const passed: { gate: number; at: number }[] = [];
  const began = performance.now();
  await Promise.all(
    gates.flatMap((gate, index) =>
      Array.from({ length: 100 }, async () => {
        await gate.pass("shared", 200);
        passed.push({ gate: index, at: performance.now() });
      }),
    ),
  );
  // 200 calls at 200 a second in windows of 20: the last window begins after nine of them.
  expect(performance.now() - began).toBeGreaterThan(890);
  const times = passed.map(({ at }) => at);
  const inHalfASecond = times.map((from) => times.filter((at) => at >= from && at < from + 500));
  // A half second's worth, and a window more at each of its ends.
  expect(Math.max(...inHalfASecond.map(({ length }) => length))).toBeLessThanOrEqual(140);
  const firstHalf = passed.slice(0, 100).filter(({ gate }) => gate === 0).length;
  expect(Math.abs(firstHalf - 50)).toBeLessThanOrEqual(30);
  // 200 calls cost a few statements, not 200.
  for (const { asked } of slots) expect(asked).toBeLessThan(30);
});

test("slots of a process that died pass by", async () => {
  const [dead, living] = processes.map(sharedSlots) as [SharedSlots, SharedSlots];
  await dead.reserve("left", 100, 10);
  const began = performance.now();
  await createRateGate({ slots: living }).pass("left", 100);
  const waitedMs = performance.now() - began;
  // Ten slots at 100 a second are a tenth of a second.
  expect(waitedMs).toBeGreaterThan(80);
  expect(await living.reserve("left", 100, 1)).toBeLessThan(20);
});

test("a pause that one process was asked for holds the other, a shorter one does not end it", async () => {
  const [told, other] = processes.map((db) => createRateGate({ slots: sharedSlots(db) }));
  await told?.pause("paused", 0.4);
  await told?.pause("paused", 0.1);
  const began = performance.now();
  await other?.pass("paused", 200);
  expect(performance.now() - began).toBeGreaterThan(380);
});

test("slots that were reserved before a pause and begin within it are given back", async () => {
  const [first, second] = processes.map(sharedSlots) as [SharedSlots, SharedSlots];
  const gate = createRateGate({ slots: first });
  await second.reserve("waiting", 2, 1);
  const began = performance.now();
  // Its slot begins in half a second; by then the other was told to wait for a whole one.
  const call = gate.pass("waiting", 2);
  await second.pause("waiting", 1000);
  await call;
  expect(performance.now() - began).toBeGreaterThan(980);
});

test("a database that cannot be asked fails the call and not those after it", async () => {
  const [db] = processes;
  const slots = sharedSlots(db);
  let isDown = true;
  const gate = createRateGate({
    slots: {
      ...slots,
      reserve: (...request) =>
        isDown ? Promise.reject(new Error("down")) : slots.reserve(...request),
    },
  });
  await expect(gate.pass("down", 100)).rejects.toThrow("down");
  isDown = false;
  await gate.pass("down", 100);
  const { rows } = await sql<{ keys: bigint }>`
    select count(*) as keys from call_rates where key = 'down'`.execute(db);
  expect(rows).toEqual([{ keys: 1n }]);
});
