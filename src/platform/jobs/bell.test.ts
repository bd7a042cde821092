import { expect, test } from "vitest";
import { openBell } from "./bell.ts";

const LONG = 60_000;
const never = new AbortController().signal;

test("wakes all who wait", async () => {
  const bell = openBell();
  const waits = [bell.wait(LONG, never), bell.wait(LONG, never)];
  bell.ring();
  await Promise.all(waits);
});

test("rung while nobody waits, it lets the next one go on at once, and only that one", async () => {
  const bell = openBell();
  bell.ring();
  await bell.wait(LONG, never);
  let isOver = false;
  const second = bell.wait(LONG, never).then(() => {
    isOver = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(isOver).toBe(false);
  bell.ring();
  await second;
});

test("nobody waits longer than asked, or for somebody who stops", async () => {
  const bell = openBell();
  await bell.wait(1, never);
  await bell.wait(LONG, AbortSignal.abort());
  const stopping = new AbortController();
  const wait = bell.wait(LONG, stopping.signal);
  stopping.abort();
  await wait;
});
