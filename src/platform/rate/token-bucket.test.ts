import { describe, expect, test } from "vitest";
import { fullBucket, pauseBucket, takeToken } from "./token-bucket.ts";

/** When calls that all want to go at 0 ms may go, in whole milliseconds. */
function timesOf(perSecond: number, calls: number): number[] {
  let bucket = fullBucket(perSecond, 0);
  let now = 0;
  const times: number[] = [];
  while (times.length < calls) {
    const taken = takeToken(bucket, perSecond, now);
    bucket = taken.bucket;
    if (taken.waitMs === 0) times.push(Math.round(now));
    else now += taken.waitMs;
  }
  return times;
}

describe("calls that all want to go at once", () => {
  test.each([
    [20, 6, [0, 0, 50, 100, 150, 200], "two at once, then one in 50 ms"],
    [1, 3, [0, 1000, 2000], "less than ten a second: one by one"],
    [10, 3, [0, 100, 200], "a tenth of ten is one"],
    [200, 22, [...Array(20).fill(0), 5, 10], "twenty at once, then one in 5 ms"],
  ])("%d a second, %d calls: %j, because %s", (perSecond, calls, times) => {
    expect(timesOf(perSecond, calls)).toEqual(times);
  });

  test("no second sees more than the rate and a tenth", () => {
    const times = timesOf(80, 300);
    const most = Math.max(
      ...times.map((from) => times.filter((at) => at >= from && at < from + 1000).length),
    );
    expect(most).toBeGreaterThan(80);
    expect(most).toBeLessThanOrEqual(88);
  });
});

describe("a bucket", () => {
  test.each([
    [100, 0, "two tokens are back after 100 ms"],
    [60_000, 0, "it holds no more than two"],
    [25, 25, "half a token is missing"],
  ])("that is empty at 20 a second, %d ms later: wait %d ms, because %s", (later, waitMs) => {
    const empty = { tokens: 0, at: 0, pausedUntil: 0 };
    const first = takeToken(empty, 20, later);
    expect(first.waitMs).toBeCloseTo(waitMs);
  });

  test.each([
    [5000, 3000, 0, 5000, "a pause is waited for"],
    [5000, 3000, 4000, 1000, "what is left of it"],
    [3000, 5000, 0, 5000, "the longer of two holds"],
  ])("paused for %d and %d ms, asked at %d ms: wait %d ms, because %s", (a, b, at, waitMs) => {
    const paused = pauseBucket(pauseBucket(fullBucket(20, 0), 0, a), 0, b);
    expect(takeToken(paused, 20, at).waitMs).toBe(waitMs);
  });

  test("that was paused goes on with one call and the rate, not with a burst", () => {
    const paused = pauseBucket(fullBucket(200, 0), 0, 1000);
    const first = takeToken(paused, 200, 1000);
    expect(first.waitMs).toBe(0);
    expect(takeToken(first.bucket, 200, 1000).waitMs).toBeCloseTo(5);
  });

  test("does not mind a clock that stands or goes back", () => {
    const { bucket } = takeToken({ tokens: 1, at: 100, pausedUntil: 0 }, 1, 100);
    expect(takeToken(bucket, 1, 50)).toMatchObject({
      bucket: { at: 100, tokens: 0 },
      waitMs: 1000,
    });
  });
});
