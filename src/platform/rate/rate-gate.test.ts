import { expect, test } from "vitest";
import { createRateGate, type GateTime } from "./rate-gate.ts";
import type { SharedSlots } from "./shared-slots.ts";

/** Time that goes on only when somebody waits. */
function waitingTime(): GateTime {
  let now = 0;
  return {
    now: () => now,
    async wait(ms) {
      const end = now + ms;
      await Promise.resolve();
      now = Math.max(now, end);
    },
  };
}

test("lets calls pass in their order, each key at its own rate", async () => {
  const time = waitingTime();
  const gate = createRateGate({ time });
  const passed: string[] = [];
  const call = async (name: string, key: string) => {
    await gate.pass(key, 10);
    passed.push(`${name} ${Math.round(time.now())}`);
  };
  await Promise.all([call("a1", "a"), call("a2", "a"), call("b1", "b"), call("a3", "a")]);
  expect(passed).toEqual(["a1 0", "b1 0", "a2 100", "a3 200"]);
});

test("a pause holds those that wait already, a minute at most", async () => {
  const time = waitingTime();
  const gate = createRateGate({ time });
  await gate.pass("a", 10);
  const waiting = gate.pass("a", 10);
  await gate.pause("a", 3600);
  await waiting;
  expect(time.now()).toBe(60_000);
});

/** Slots of one process, on its own time. */
function ownSlots({ now }: GateTime): SharedSlots {
  let freeAt = 0;
  return {
    async reserve(_key, perSecond, count) {
      const from = Math.max(freeAt, now());
      freeAt = from + (count * 1000) / perSecond;
      return from - now();
    },
    async pause(_key, ms) {
      freeAt = Math.max(freeAt, now() + ms);
    },
    pausedFor: async () => 0,
  };
}

/** Timers that are late by so much each time. */
const late = (time: GateTime, ms: number): GateTime => ({
  now: time.now,
  wait: (asked) => time.wait(asked + ms),
});

test("late timers take nothing from a slow rate that is shared", async () => {
  const time = late(waitingTime(), 30);
  const gate = createRateGate({ time, slots: ownSlots(time) });
  const passed: number[] = [];
  for (let call = 0; call < 40; call += 1) {
    await gate.pass("a", 8);
    passed.push(time.now());
  }
  // The first at once, and each of the others an eighth of a second after the one before, 30 ms late.
  expect(passed.at(-1)).toBe(39 * 125 + 30);
});

test("what comes after a pause begins with one call", async () => {
  const time = waitingTime();
  const gate = createRateGate({ time, slots: ownSlots(time) });
  await gate.pause("a", 2);
  const passed = await Promise.all(
    [1, 2, 3].map(async () => {
      await gate.pass("a", 100);
      return Math.round(time.now());
    }),
  );
  // Then the two that wait have a slot of 10 ms each, taken together.
  expect(passed).toEqual([2000, 2010, 2010]);
});
