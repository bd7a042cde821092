import fc from "fast-check";
import { expect, test } from "vitest";
import { instant, instantText, Temporal } from "../domain/time.ts";
import { toUnix } from "./wire.ts";

test.each([
  ["1970-01-01T00:00:00Z", 0, "the beginning"],
  ["2024-01-01T00:00:00Z", 1_704_067_200, "19,723 days of 86,400 seconds"],
  ["2024-01-01T00:00:00.999999Z", 1_704_067_200, "microseconds are cut off, not rounded"],
  ["2024-02-29T12:00:00.5Z", 1_709_208_000, "a leap day"],
  ["9999-12-31T23:59:59Z", 253_402_300_799, "the last second that a request can name"],
])("%s is %i: %s", (at, seconds) => {
  expect(toUnix(at)).toBe(seconds);
});

test("it agrees with Temporal on every microsecond that the database can hold", () => {
  const microseconds = fc.bigInt({ min: 0n, max: 253_402_300_799_999_999n });
  fc.assert(
    fc.property(microseconds, (each) => {
      const at = instantText(Temporal.Instant.fromEpochNanoseconds(each * 1000n));
      expect(toUnix(at)).toBe(Math.floor(instant(at).epochMilliseconds / 1000));
    }),
  );
});

test("what is no instant is a fault", () => {
  expect(() => toUnix("yesterday")).toThrow(RangeError);
});
