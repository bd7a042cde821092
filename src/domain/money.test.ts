import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CREDIT_TYPES, getCreditType, USD_CREDIT_TYPE_ID } from "./credit-type.ts";
import { currency } from "./currency.ts";
import { dec, type RoundingMode, sum, toText } from "./decimal.ts";
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
    [usd, "481207", undefined, 481_207n, "USD travels in cents already"],
    [usd, "0.5", undefined, 1n, "half a cent goes away from zero"],
    [usd, "-0.5", undefined, -1n, "also below zero"],
    [usd, "2.5", "half_even", 2n, "half even is another mode, and only on request"],
    [usd, "2.1", "away_from_zero", 3n, "up"],
    [usd, "-2.9", "toward_zero", -2n, "down"],
    [fiat("EUR"), "12.345", undefined, 1_235n, "EUR travels in whole units"],
    [fiat("JPY"), "1234.5", undefined, 1_235n, "JPY has no minor unit"],
    [fiat("KWD"), "1.2345", undefined, 1_230n, "three decimals, the last must be 0"],
    [fiat("KWD"), "1.235", undefined, 1_240n, "half of ten minor units rounds up"],
    [fiat("ISK"), "7.5", undefined, 800n, "ISK is whole but written with two decimals"],
    [fiat("UGX"), "7.49", undefined, 700n, "UGX likewise"],
  ] as const)("%#: %s %s", (creditType, wire, mode, minor, reason) => {
    expect(roundToMinor(dec(wire), creditType, mode as RoundingMode | undefined), reason).toBe(
      minor,
    );
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
    const allocation = allocateMinor(lines.map(dec), usd);
    expect(allocation.amountsMinor, reason).toEqual(expected);
    expect(allocation.moved, reason).toEqual(moved);
  });

  test("steps of ISK move as a whole", () => {
    expect(allocateMinor(["0.4", "0.4", "0.4"].map(dec), fiat("ISK")).amountsMinor).toEqual([
      100n,
      0n,
      0n,
    ]);
  });

  test("lines add up to the rounded total and move by at most one step", () => {
    const amount = fc
      .tuple(fc.integer({ min: -50_000, max: 50_000 }), fc.integer({ min: 0, max: 4 }))
      .map(([digits, scale]) => dec(`${digits}e-${scale}`));
    const creditType = fc.constantFrom(usd, fiat("EUR"), fiat("JPY"), fiat("KWD"), fiat("ISK"));
    fc.assert(
      fc.property(fc.array(amount, { maxLength: 30 }), creditType, (lines, type) => {
        const { amountsMinor, moved, totalMinor } = allocateMinor(lines, type);
        expect(amountsMinor.reduce((a, b) => a + b, 0n)).toBe(totalMinor);
        expect(totalMinor).toBe(roundToMinor(sum(lines), type));
        const off = amountsMinor.flatMap((minor, i) => {
          const own = roundToMinor(lines[i] ?? dec("0"), type);
          const distance = minor > own ? minor - own : own - minor;
          expect(distance === 0n || distance === type.currency.stepMinor).toBe(true);
          return distance === 0n ? [] : [i];
        });
        expect(off).toEqual(moved);
      }),
      { numRuns: 300 },
    );
  });
});
