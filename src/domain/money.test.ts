import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CONVENTION_VALUES, type Conventions, DEFAULT_CONVENTIONS } from "./conventions.ts";
import { CREDIT_TYPES, getCreditType, USD_CREDIT_TYPE_ID } from "./credit-type.ts";
import { currency } from "./currency.ts";
import { dec, sum, toText } from "./decimal.ts";
import { allocateMinor, fromMinor, roundToMinor } from "./money.ts";

const usd = getCreditType(USD_CREDIT_TYPE_ID);
const fiat = (code: string) => {
  const money = currency(code);
  return { id: code, name: code, currency: money, wireExponent: money.exponent };
};

test("there are 17 fiat credit types with distinct ids, USD first and in cents", () => {
  expect(CREDIT_TYPES).toHaveLength(17);
  expect(new Set(CREDIT_TYPES.map(({ id }) => id)).size).toBe(17);
  expect(CREDIT_TYPES[0]?.name).toBe("USD (cents)");
  expect(CREDIT_TYPES.find(({ name }) => name === "JPY")?.wireExponent).toBe(0);
});

describe("roundToMinor", () => {
  test.each([
    [usd, "481207", "half_away_from_zero", 481_207n, "USD travels in cents already"],
    [usd, "0.5", "half_away_from_zero", 1n, "half a cent goes away from zero"],
    [usd, "-0.5", "half_away_from_zero", -1n, "also below zero"],
    [usd, "0.5", "half_even", 0n, "0 is even"],
    [usd, "1.5", "half_even", 2n, "1 is odd"],
    [usd, "2.5", "half_even", 2n, "2 is even"],
    [usd, "2.500000000001", "half_even", 3n, "more than half is not half"],
    [usd, "-0.5", "half_even", 0n, "below zero likewise"],
    [usd, "-1.5", "half_even", -2n, "to the even one"],
    [usd, "2.1", "away_from_zero", 3n, "up"],
    [usd, "-2.1", "away_from_zero", -3n, "a credit mirrors it"],
    [usd, "2", "away_from_zero", 2n, "whole amounts stay"],
    [usd, "2.9", "toward_zero", 2n, "down"],
    [usd, "-2.9", "toward_zero", -2n, "a credit mirrors it"],
    [fiat("EUR"), "12.345", "half_away_from_zero", 1_235n, "EUR travels in whole units"],
    [fiat("EUR"), "12.345", "half_even", 1_234n, "1234.5 to the even one"],
    [fiat("JPY"), "1234.5", "half_away_from_zero", 1_235n, "JPY has no minor unit"],
    [fiat("JPY"), "1234.9", "toward_zero", 1_234n, "yen are often cut"],
    [fiat("KWD"), "1.2345", "half_away_from_zero", 1_230n, "three decimals, the last must be 0"],
    [fiat("KWD"), "1.235", "half_away_from_zero", 1_240n, "half of ten minor units rounds up"],
    [fiat("KWD"), "1.225", "half_even", 1_220n, "half of a step, 122 of them is even"],
    [fiat("ISK"), "7.5", "half_away_from_zero", 800n, "ISK is whole but written with two decimals"],
    [fiat("ISK"), "2.5", "half_even", 200n, "2 steps are even"],
    [fiat("UGX"), "7.49", "half_away_from_zero", 700n, "UGX likewise"],
    [fiat("UGX"), "7.01", "away_from_zero", 800n, "up is up to the next step"],
  ] as const)("%#: %s %s", (creditType, wire, mode, minor, reason) => {
    expect(roundToMinor(dec(wire), creditType, mode), reason).toBe(minor);
  });

  test("fromMinor is its inverse on whole minor units", () => {
    expect(toText(fromMinor(1_235n, fiat("EUR")))).toBe("12.35");
    expect(toText(fromMinor(1_235n, usd))).toBe("1235");
  });
});

describe("allocateMinor", () => {
  test.each([
    [["0.4", "0.4", "0.4"], [1n, 0n, 0n], [0], "total 1.2 is 1: the cent goes to the earliest"],
    [["0.5", "0.5"], [1n, 0n], [1], "total 1, both round to 1: taken from the latest"],
    [
      ["0.5", "0.6", "0.5"],
      [1n, 1n, 0n],
      [2],
      "1.6 is 2: 0.6 gained least, of the halves the latest",
    ],
    [["0.3", "0.4", "0.3"], [0n, 1n, 0n], [1], "the cent goes where most was lost"],
    [["10.5", "-10.5"], [11n, -11n], [], "a covered line and its offset cancel"],
    [["-0.4", "-0.4", "-0.4"], [0n, 0n, -1n], [2], "-1.2 is -1: below zero the latest gives"],
    [["33.333333333333", "66.666666666667"], [33n, 67n], [], "rounding already adds up"],
    [["33.5", "66.5"], [34n, 66n], [1], "a split line: 34 + 67 is one too many"],
    [[], [], [], "no lines, no money"],
  ])("case %#", (lines, expected, moved, reason) => {
    const allocation = allocateMinor(lines.map(dec), usd, DEFAULT_CONVENTIONS);
    expect(allocation.amountsMinor, reason).toEqual(expected);
    expect(allocation.moved, reason).toEqual(moved);
  });

  test("steps of ISK move as a whole", () => {
    const lines = ["0.4", "0.4", "0.4"].map(dec);
    const { amountsMinor } = allocateMinor(lines, fiat("ISK"), DEFAULT_CONVENTIONS);
    expect(amountsMinor).toEqual([100n, 0n, 0n]);
  });

  type Row = [
    lines: string[],
    mode: Conventions["roundingMode"],
    sumThenRound: bigint[],
    moved: number[],
    roundThenSum: bigint[],
    reason: string,
  ];
  const HALVES = ["1234.5", "2011.5", "754.5"];
  const SMALL = ["0.4", "0.4", "0.4"];
  const MIXED = ["0.01", "0.01", "-0.03"];
  test.each<Row>([
    [["0.5", "0.5"], "half_away_from_zero", [1n, 0n], [1], [1n, 1n], "1 in all, or 1 + 1"],
    [["0.5", "0.5"], "half_even", [1n, 0n], [0], [0n, 0n], "1 in all, or 0 + 0"],
    [HALVES, "half_away_from_zero", [1235n, 2012n, 754n], [2], [1235n, 2012n, 755n], "4000.5"],
    [HALVES, "half_even", [1234n, 2012n, 754n], [], [1234n, 2012n, 754n], "to even: 4000"],
    [HALVES, "away_from_zero", [1235n, 2012n, 754n], [2], [1235n, 2012n, 755n], "4001 or 4002"],
    [HALVES, "toward_zero", [1235n, 2011n, 754n], [0], [1234n, 2011n, 754n], "4000 or 3999"],
    [SMALL, "half_away_from_zero", [1n, 0n, 0n], [0], [0n, 0n, 0n], "1.2 is 1, three times 0 is 0"],
    [SMALL, "away_from_zero", [1n, 1n, 0n], [2], [1n, 1n, 1n], "1.2 is 2: the latest gives"],
    [SMALL, "toward_zero", [1n, 0n, 0n], [0], [0n, 0n, 0n], "1.2 is 1: the earliest gets it"],
    [
      ["-0.4", "-0.4", "-0.4"],
      "away_from_zero",
      [0n, -1n, -1n],
      [0],
      [-1n, -1n, -1n],
      "-1.2 is -2: the earliest is given one",
    ],
    [
      ["1.5", "2.5", "-0.5"],
      "half_even",
      [2n, 2n, 0n],
      [],
      [2n, 2n, 0n],
      "3.5 is 4, and so are the lines",
    ],
    [["1.5", "2.5", "-0.5"], "toward_zero", [1n, 2n, 0n], [], [1n, 2n, 0n], "3.5 is 3"],
    [MIXED, "away_from_zero", [0n, 0n, -1n], [0, 1], [1n, 1n, -1n], "-0.01 is -1: two give"],
    [["10.5", "-10.5"], "half_even", [10n, -10n], [], [10n, -10n], "an offset cancels its line"],
  ])("%j, %s", (lines, roundingMode, sumThenRound, moved, roundThenSum, reason) => {
    const total = (amounts: readonly bigint[]) => amounts.reduce((a, b) => a + b, 0n);
    const exact = lines.map(dec);
    expect(
      allocateMinor(exact, usd, { roundingMode, invoiceRounding: "sum_then_round" }),
      reason,
    ).toEqual({ amountsMinor: sumThenRound, moved, totalMinor: total(sumThenRound) });
    expect(
      allocateMinor(exact, usd, { roundingMode, invoiceRounding: "round_then_sum" }),
      reason,
    ).toEqual({ amountsMinor: roundThenSum, moved: [], totalMinor: total(roundThenSum) });
  });

  test("lines add up to the total, and move by at most one step where the sum is rounded", () => {
    const amount = fc
      .tuple(fc.integer({ min: -50_000, max: 50_000 }), fc.integer({ min: 0, max: 4 }))
      .map(([digits, scale]) => dec(`${digits}e-${scale}`));
    const creditType = fc.constantFrom(usd, fiat("EUR"), fiat("JPY"), fiat("KWD"), fiat("ISK"));
    const mode = fc.constantFrom(...CONVENTION_VALUES.roundingMode);
    const order = fc.constantFrom(...CONVENTION_VALUES.invoiceRounding);
    const lines = fc.array(amount, { maxLength: 30 });
    fc.assert(
      fc.property(lines, creditType, mode, order, (lines, type, roundingMode, invoiceRounding) => {
        const rounding = { roundingMode, invoiceRounding };
        const { amountsMinor, moved, totalMinor } = allocateMinor(lines, type, rounding);
        expect(amountsMinor.reduce((a, b) => a + b, 0n)).toBe(totalMinor);
        const summed = invoiceRounding === "sum_then_round";
        if (summed) expect(totalMinor).toBe(roundToMinor(sum(lines), type, roundingMode));
        const off = amountsMinor.flatMap((minor, i) => {
          const own = roundToMinor(lines[i] ?? dec("0"), type, roundingMode);
          const distance = minor > own ? minor - own : own - minor;
          expect(distance === 0n || (summed && distance === type.currency.stepMinor)).toBe(true);
          return distance === 0n ? [] : [i];
        });
        expect(off).toEqual(moved);
      }),
      { numRuns: 500 },
    );
  });
});
