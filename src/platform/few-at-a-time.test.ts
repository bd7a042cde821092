import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { fewAtATime } from "./few-at-a-time.ts";

test("no more than the limit run at a time, and the answers stand in the order of the items", async () => {
  let running = 0;
  let most = 0;
  const doubled = await fewAtATime(3, [5, 1, 4, 2, 3, 6, 0], async (n) => {
    running += 1;
    most = Math.max(most, running);
    await pause(n);
    running -= 1;
    return n * 2;
  });
  expect(doubled).toEqual([10, 2, 8, 4, 6, 12, 0]);
  expect(most).toBe(3);
  expect(await fewAtATime(3, [], async () => 1)).toEqual([]);
});

test("after a failure none is begun, and those that run have ended when it is thrown", async () => {
  const ended: number[] = [];
  const doomed = fewAtATime(2, [20, 1, 2, 3], async (n) => {
    await pause(n);
    if (n === 1) throw new Error("one");
    ended.push(n);
  });
  await expect(doomed).rejects.toThrow("one");
  expect(ended).toEqual([20]);
});
