import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sampleDocument, sampleKnown } from "../../../test/support/sample-delivery.ts";
import { instant } from "../../domain/time.ts";
import { nextStep } from "./next-step.ts";
import { putTaxes, statedTaxOf } from "./stated-tax.ts";

const lines = (...amounts: bigint[]) => {
  const { lines: made } = sampleDocument(amounts.map((_, index) => `line ${index}`));
  return made.map((line, index) => ({ ...line, amountMinor: amounts[index] ?? 0n }));
};
const vat = (amountMinor: bigint) => ({ name: "VAT", percentage: "20", amountMinor });

test.each<[string, bigint[], bigint, (bigint | undefined)[]]>([
  ["in proportion", [2000n, 34n], 407n, [400n, 7n]],
  // 100 / 3 = 33.33 each: the missing unit goes to the earliest.
  ["what is missing to the earliest of equals", [100n, 100n, 100n], 100n, [34n, 33n, 33n]],
  [
    "credits and lines of nothing carry none",
    [1000n, -500n, 0n],
    100n,
    [100n, undefined, undefined],
  ],
  ["a tax of nothing stands there as nothing", [100n], 0n, [0n]],
])("tax is put on lines: %s", (_why, amounts, tax, expected) => {
  const put = putTaxes(lines(...amounts), [vat(tax)]);
  expect(put.map(({ taxes }) => taxes[0]?.amountMinor)).toEqual(expected);
});

test("each tax is what it was, and is of the line's own amount", () => {
  const taxes = [vat(20n), { name: "City", percentage: "1.5", amountMinor: 2n }];
  const [first] = putTaxes(lines(60n, 40n), taxes);
  expect(first?.taxes).toEqual([
    { name: "VAT", percentage: "20", amountMinor: 12n, taxableAmountMinor: 60n },
    // 1.2 and 0.8: the unit that is missing goes to the line that lost more.
    { name: "City", percentage: "1.5", amountMinor: 1n, taxableAmountMinor: 60n },
  ]);
});

test("no unit of tax is lost or made, whatever the lines", () => {
  fc.assert(
    fc.property(
      fc.array(fc.bigInt(-10_000n, 10_000n), { minLength: 1, maxLength: 40 }),
      fc.array(fc.bigInt(0n, 100_000n), { minLength: 1, maxLength: 4 }),
      (amounts, taxes) => {
        fc.pre(amounts.some((amount) => amount > 0n));
        const put = putTaxes(lines(...amounts), taxes.map(vat));
        const whole = taxes.reduce((total, tax) => total + tax, 0n);
        expect(statedTaxOf({ lines: put })).toBe(whole);
      },
    ),
  );
});

describe("tax that nobody has said yet", () => {
  const NOON = instant("2024-02-02T12:00:00Z");
  const show = (minutes: number | undefined, onTimeout: "finalize" | "leave_draft") => {
    const document = sampleDocument(["a"], {
      tax: { mode: "precalculated", isStated: false, waitMinutes: 60, onTimeout },
    });
    const waitingSince = minutes === undefined ? undefined : NOON.subtract({ minutes });
    const known = sampleKnown({ now: NOON, waitingSince });
    const step = nextStep(document, { state: "none", known });
    if (step.step === "wait") return `wait until ${step.until}`;
    return step.step === "refuse" ? `refuse ${step.code}` : step.step;
  };
  test.each([
    [undefined, "finalize", "wait until 2024-02-02T13:00:00Z"],
    [59, "leave_draft", "wait until 2024-02-02T12:01:00Z"],
    [60, "finalize", "write"],
    [60, "leave_draft", "refuse tax_missing"],
  ] as const)("after %s minutes, then %s: %s", (minutes, onTimeout, expected) => {
    expect(show(minutes, onTimeout)).toBe(expected);
  });
});
