import { expect, test } from "vitest";
import { createRateGate, type GateTime } from "./rate-gate.ts";

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
