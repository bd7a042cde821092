import fc from "fast-check";
import { expect, test } from "vitest";
import { amountOfUnits, type CreditableLine, creditLine } from "./credit-line.ts";

const line = (amount: bigint, more: Partial<CreditableLine> = {}): CreditableLine => ({
  amount,
  discounts: [],
  taxes: [],
  credited: 0n,
  ...more,
});

const tax = (amount: bigint, inclusive = false, credited = 0n) => ({ amount, inclusive, credited });
const off = (amount: bigint, credited = 0n) => ({ amount, credited });

test.each([
  ["a plain line", line(1000n), 400n, [], [], 400n],
  // A half of 10.00 with 1.00 off and 1.71 of tax: 5.00 - 0.50 + 0.86 (0.855 rounded up).
  [
    "a half of all of it",
    line(1000n, { discounts: [off(100n)], taxes: [tax(171n)] }),
    500n,
    [50n],
    [86n],
    536n,
  ],
  // The other half is what the first left: 1.71 - 0.86.
  [
    "the other half",
    line(1000n, {
      discounts: [off(100n, 50n)],
      taxes: [tax(171n, false, 86n)],
      credited: 500n,
    }),
    500n,
    [50n],
    [85n],
    535n,
  ],
  // 1 of tax on 3: the running tax of 2 is 0.67, so 1 is due; the note that holds took it already.
  [
    "a tax that another note took",
    line(3n, { taxes: [tax(1n, false, 1n)], credited: 1n }),
    1n,
    [],
    [0n],
    1n,
  ],
  // The running tax of 110 of 300 is 0.37, so 0, and 1 was taken: never less than nothing.
  [
    "a tax of which too much was taken",
    line(300n, { taxes: [tax(1n, false, 1n)], credited: 100n }),
    10n,
    [],
    [0n],
    10n,
  ],
  [
    "an inclusive tax is in the amount",
    line(1200n, { taxes: [tax(200n, true)] }),
    600n,
    [],
    [100n],
    600n,
  ],
] as const)("%s", (_what, of, amount, discounts, taxes, total) => {
  expect(creditLine(of, amount)).toEqual({ amount, discounts, taxes, total });
});

test.each([
  // 200 for 3: 66.67, 133.33 and 200 rounded, less what went before.
  ["the first of three", { amount: 0n, units: 0n }, 1n, 67n],
  ["the second", { amount: 67n, units: 1n }, 1n, 66n],
  ["the third", { amount: 133n, units: 2n }, 1n, 67n],
  ["all", { amount: 0n, units: 0n }, 3n, 200n],
  ["one, after the first was voided", { amount: 66n, units: 1n }, 1n, 67n],
] as const)("by quantity: %s", (_what, taken, quantity, amount) => {
  expect(amountOfUnits({ amount: 200n, units: 3n }, taken, quantity)).toBe(amount);
});

const arbitraryLine = fc
  .record({
    amount: fc.bigInt({ min: 1n, max: 100_000n }),
    percent: fc.integer({ min: 0, max: 100 }),
    rate: fc.integer({ min: 0, max: 30 }),
    inclusive: fc.boolean(),
  })
  .map(({ amount, percent, rate, inclusive }) => {
    const discount = (amount * BigInt(percent)) / 100n;
    return line(amount, {
      discounts: [off(discount)],
      taxes: [tax(((amount - discount) * BigInt(rate)) / 100n, inclusive)],
    });
  });

/** A note is made of a part of what is left, in percent, or the oldest one is voided. */
const arbitraryStep = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.constant("void" as const));

test("a law: notes that take back a line in any pieces, some of them voided, take back exactly what it came to", () => {
  fc.assert(
    fc.property(arbitraryLine, fc.array(arbitraryStep), (whole, steps) => {
      const notes: ReturnType<typeof creditLine>[] = [];
      const sum = (read: (note: (typeof notes)[number]) => bigint | undefined): bigint =>
        notes.reduce((all, note) => all + (read(note) ?? 0n), 0n);
      const now = (): CreditableLine => ({
        ...whole,
        credited: sum((note) => note.amount),
        discounts: whole.discounts.map((part, n) => ({
          ...part,
          credited: sum((note) => note.discounts[n]),
        })),
        taxes: whole.taxes.map((part, n) => ({ ...part, credited: sum((note) => note.taxes[n]) })),
      });
      for (const step of steps) {
        if (step === "void") notes.shift();
        else {
          const left = whole.amount - sum((note) => note.amount);
          notes.push(creditLine(now(), (left * BigInt(step)) / 100n));
        }
      }
      notes.push(creditLine(now(), whole.amount - sum((note) => note.amount)));
      const all = creditLine(whole, whole.amount);
      expect(sum((note) => note.total)).toBe(all.total);
      expect(sum((note) => note.taxes[0])).toBe(all.taxes[0]);
    }),
  );
});
