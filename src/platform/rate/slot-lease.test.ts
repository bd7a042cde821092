import { describe, expect, test } from "vitest";
import { type Lease, leaseSize, mayUse } from "./slot-lease.ts";

describe("how many slots are taken next", () => {
  test.each<[number, Lease | undefined, number, number, number, string]>([
    [200, undefined, 1, 0, 1, "nothing is known yet: one for the call that is there"],
    [200, undefined, 16, 0, 16, "one for each call that waits"],
    [200, undefined, 50, 0, 20, "a tenth of a second's worth at most"],
    [200, { from: 0, count: 4, left: 0 }, 1, 20, 8, "four were used up at once: eight"],
    [200, { from: 0, count: 16, left: 0 }, 1, 80, 20, "never more than the tenth"],
    [
      200,
      { from: 0, count: 4, left: 0 },
      1,
      100,
      1,
      "used up, but the tenth is over: it is not busy",
    ],
    [200, { from: 0, count: 4, left: 2 }, 1, 100, 1, "two passed by unused: one at a time again"],
    [25, undefined, 9, 0, 2, "a tenth of 25 is two and a half: whole slots only"],
    [2, { from: 0, count: 1, left: 0 }, 9, 0, 1, "less than ten a second: one by one"],
  ])(
    "%d a second, after %j, %d waiting, at %d ms: %d, because %s",
    (perSecond, last, waiting, now, count) => {
      expect(leaseSize(last, { perSecond, waiting, now })).toBe(count);
    },
  );
});

test.each<[Lease | undefined, number, boolean, string]>([
  [undefined, 0, false, "nothing is held"],
  [{ from: 500, count: 2, left: 1 }, 599, true, "a tenth of a second is not over"],
  [{ from: 500, count: 2, left: 1 }, 600, false, "it is over"],
  [{ from: 500, count: 2, left: 0 }, 500, false, "all are used"],
])("%j at %d ms may be used: %s, because %s", (lease, now, may) => {
  expect(mayUse(lease, now)).toBe(may);
});
