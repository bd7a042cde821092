import { expect, test } from "vitest";
import type { Job } from "./job-table.ts";
import { runLanes } from "./lanes.ts";

const job = (key: string): Job => ({
  id: 1n,
  clock: "SANDBOX",
  kind: "work",
  key,
  subject: null,
  payload: {},
  dueAt: "2024-01-01T00:00:00Z",
  attempt: 1,
  maxAttempts: 1,
  claimedAt: "2024-01-01T00:00:00Z",
  leaseToken: "a",
});

test("one lane at a time looks, and the next one when it has a job", async () => {
  const jobs = ["a", "b", "c"];
  const running = new Set<string | null>();
  let [looking, most, looks] = [0, 0, 0];
  await runLanes(2, {
    async find() {
      looks += 1;
      looking += 1;
      expect(looking).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 1));
      looking -= 1;
      const next = jobs.shift();
      return next === undefined ? undefined : job(next);
    },
    async carryOut({ key }) {
      running.add(key);
      most = Math.max(most, running.size);
      await new Promise((resolve) => setTimeout(resolve, 10));
      running.delete(key);
    },
  });
  // Three that found a job, and the last one of each lane.
  expect([most, looks]).toEqual([2, 5]);
});

test("what a look throws ends its lane and is told, and no other one waits for it", async () => {
  const answers = [() => Promise.reject(new Error("gone")), async () => undefined];
  let looks = 0;
  const running = runLanes(2, {
    find() {
      looks += 1;
      return answers.shift()?.() ?? Promise.resolve(undefined);
    },
    async carryOut() {},
  });
  await expect(running).rejects.toThrow("gone");
  await new Promise((resolve) => setTimeout(resolve, 1));
  expect(looks).toBe(2);
});
