import fc from "fast-check";
import { expect, test } from "vitest";
import { dec } from "../../../domain/decimal.ts";
import { instant, Temporal } from "../../../domain/time.ts";
import { remainingAmount } from "./proration.ts";

const seconds = (at: number) => Temporal.Instant.fromEpochMilliseconds(at * 1000);
const JANUARY = { start: instant("2025-01-01T00:00:00Z"), end: instant("2025-02-01T00:00:00Z") };

test.each<[string, string, string, bigint]>([
  ["half of 28 days of 10.00", "1000", "2025-02-15T00:00:00Z", 500n],
  ["half of 28 days of 20.00", "2000", "2025-02-15T00:00:00Z", 1000n],
  ["the whole period", "1000", "2025-02-01T00:00:00Z", 1000n],
  ["nothing is left at its end", "1000", "2025-03-01T00:00:00Z", 0n],
  ["a quarter of 2 cents is half a cent, rounded away from zero", "2", "2025-02-22T00:00:00Z", 1n],
  ["fractions of a cent count", "0.5", "2025-02-01T00:00:00Z", 1n],
])("F2: %s", (_reason, unit, at, amount) => {
  const february = { start: instant("2025-02-01T00:00:00Z"), end: instant("2025-03-01T00:00:00Z") };
  expect(remainingAmount(dec(unit), dec("1"), february, instant(at))).toBe(amount);
});

test("F3: a recorded case of 28 days, 881,112 of 2,419,200 seconds left, is 364", () => {
  const end = 1_489_449_600;
  const period = { start: seconds(end - 2_419_200), end: seconds(end) };
  expect(remainingAmount(dec("1000"), dec("1"), period, seconds(1_488_568_488))).toBe(364n);
});

test("F3: after 15 of 31 days 16/31 are left: 516 of 1000, 1032 of 2000", () => {
  const at = instant("2025-01-16T00:00:00Z");
  expect(remainingAmount(dec("1000"), dec("1"), JANUARY, at)).toBe(516n);
  expect(remainingAmount(dec("2000"), dec("1"), JANUARY, at)).toBe(1032n);
});

test("F2: fractions of a second do not count", () => {
  const at = instant("2025-01-16T00:00:00.9Z");
  expect(remainingAmount(dec("2678400"), dec("1"), JANUARY, at)).toBe(1_382_400n);
});

test("F2: it falls as time passes, and is never more than the whole", () => {
  const span = { min: 0, max: 31 * 86_400 };
  fc.assert(
    fc.property(
      fc.nat(1_000_000),
      fc.nat(100),
      fc.integer(span),
      fc.integer(span),
      (p, q, a, b) => {
        const left = (at: number) =>
          remainingAmount(
            dec(String(p)),
            dec(String(q)),
            JANUARY,
            JANUARY.start.add({ seconds: at }),
          );
        const [first, second] = [left(Math.min(a, b)), left(Math.max(a, b))];
        expect(first >= second && second >= 0n && first <= BigInt(p * q)).toBe(true);
      },
    ),
  );
});
