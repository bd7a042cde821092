import fc from "fast-check";
import { expect, test } from "vitest";
import { type Instant, instant, isBefore, Temporal } from "../../domain/time.ts";
import { offsetMs, shownBy } from "./clock.ts";

test.each([
  ["2024-01-02T00:00:00Z", "2024-01-01T00:00:00Z", 86_400_000n, "a day ahead"],
  ["2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z", -86_400_000n, "a day behind"],
  ["2024-01-02T00:00:00Z", "2024-01-01T23:59:59.9996Z", 1n, "0.4 ms, rounded up"],
  ["2024-01-01T23:59:59.9996Z", "2024-01-02T00:00:00Z", 0n, "-0.4 ms, rounded up"],
  ["2024-01-02T00:00:00.0000001Z", "2024-01-02T00:00:00Z", 1n, "100 ns, rounded up"],
  ["2024-01-02T00:00:00Z", "2024-01-02T00:00:00.0015Z", -1n, "-1.5 ms, rounded up"],
])("a clock that shows %s at %s is %s ms ahead: %s", (shown, realNow, expected) => {
  expect(offsetMs(instant(shown), instant(realNow))).toBe(expected);
});

const anInstant = fc
  .bigInt({ min: 0n, max: 4_000_000_000_000_000_000n })
  .map((ns): Instant => new Temporal.Instant(ns));

test("a clock let run never shows less than when it stood", () => {
  fc.assert(
    fc.property(anInstant, anInstant, fc.nat(3_000_000), (stood, released, later) => {
      const row = { frozen_at: null, offset_ms: offsetMs(stood, released) };
      expect(isBefore(shownBy(row, released.add({ nanoseconds: later })), stood)).toBe(false);
    }),
  );
});
