import fc from "fast-check";
import { expect, test } from "vitest";
import { dec } from "../../../domain/decimal.ts";
import { instant, Temporal } from "../../../domain/time.ts";
import { type PaidTime, remainingAmount, unusedTime } from "./proration.ts";

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

const day = (count: number) => JANUARY.start.add({ hours: count * 24 });
const paid = (from: number, amount: bigint): PaidTime => ({ start: day(from), amount });

test.each<[string, PaidTime[], number, (readonly [from: number, to: number, amount: bigint])[]]>([
  ["nothing was debited", [], 11, []],
  ["10 of 31 days are left of 31.00", [paid(0, 3100n)], 21, [[21, 31, 1000n]]],
  ["all of it, from its start on", [paid(21, 2000n)], 11, [[21, 31, 2000n]]],
  [
    "before a later debit the earlier one still pays",
    [paid(21, 2000n), paid(0, 3100n)],
    11,
    [
      [21, 31, 2000n],
      [11, 21, 1000n],
    ],
  ],
  [
    "a later debit took an earlier one's place",
    [paid(11, 600n), paid(21, 2000n)],
    26,
    [[26, 31, 150n]],
  ],
  ["at the end nothing is left", [paid(0, 3100n)], 31, []],
])("unused time: %s", (_what, debits, from, expected) => {
  expect(
    unusedTime(debits, JANUARY.end, day(from)).map(({ period, amount }) => [
      String(period.start),
      String(period.end),
      amount,
    ]),
  ).toEqual(expected.map(([start, end, amount]) => [String(day(start)), String(day(end)), amount]));
});

test("a law: what comes back of a chain of changes is never more than was debited", () => {
  const change = fc.record({ day: fc.integer({ min: 0, max: 30 }), amount: fc.bigInt(0n, 9999n) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 8 }), (changes) => {
      let debits: PaidTime[] = [paid(0, 3100n)];
      let debited = 3100n;
      let back = 0n;
      for (const { day: at, amount } of [...changes, { day: 0, amount: 0n }]) {
        for (const unused of unusedTime(debits, JANUARY.end, day(at))) {
          expect(unused.amount >= 0n).toBe(true);
          back += unused.amount;
        }
        expect(back <= debited).toBe(true);
        debits = [paid(at, amount), ...debits];
        debited += amount;
      }
      // The last change counts from the start: all that was debited before it is back.
      expect(back).toBe(debited);
    }),
  );
});
