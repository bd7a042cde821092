import Big from "big.js";

/**
 * Exact decimal arithmetic. Every quantity, price and amount is one of these; JavaScript numbers
 * are refused by the library's strict mode, so a float cannot slip in.
 */
const Strict = Big();
Strict.strict = true;
Strict.NE = -30;
Strict.PE = 60;

export type Decimal = Big;

/** Reads a decimal from its text ("12.5"). Throws on anything that is not a decimal number. */
export const dec = (text: string): Decimal => new Strict(text);

/** Whether a value of unknown origin is one of our decimals. */
export const isDecimal = (value: unknown): value is Decimal => value instanceof Strict;

export const ZERO: Decimal = dec("0");
export const ONE: Decimal = dec("1");

/** Cheaper than comparing with ZERO, which copies it. */
export const isZero = (value: Decimal): boolean => value.c[0] === 0;
export const isPositive = (value: Decimal): boolean => value.s > 0 && !isZero(value);

/** a + b and a - b, where one of them is often 0: then nothing is copied. */
export const plus = (a: Decimal, b: Decimal): Decimal =>
  isZero(b) ? a : isZero(a) ? b : a.plus(b);
export const minus = (a: Decimal, b: Decimal): Decimal => (isZero(b) ? a : a.minus(b));

/** Plain notation without exponent or trailing zeros: "0.0000001", "1500". */
export const toText = (value: Decimal): string => value.toFixed();

/** Decimals a quotient keeps when it does not terminate (docs/decisions.md, "Money"). */
const QUOTIENT_DECIMALS = 12;

Strict.DP = QUOTIENT_DECIMALS;
Strict.RM = Big.roundHalfUp;

/** Exact quotient, or 12 decimals rounded half away from zero. Throws on division by zero. */
export const divide = (dividend: Decimal, divisor: Decimal): Decimal => dividend.div(divisor);

export type RoundingMode = "half_away_from_zero" | "half_even" | "away_from_zero" | "toward_zero";

const BIG_ROUNDING = {
  half_away_from_zero: Big.roundHalfUp,
  half_even: Big.roundHalfEven,
  away_from_zero: Big.roundUp,
  toward_zero: Big.roundDown,
} as const satisfies Record<RoundingMode, number>;

/** Keeps `decimals` digits after the point; negative: to powers of ten. The mode is never implied. */
export const round = (value: Decimal, decimals: number, mode: RoundingMode): Decimal =>
  value.round(decimals, BIG_ROUNDING[mode]);

/** Adds up exactly; nothing adds up to 0. */
export const sum = (values: Iterable<Decimal>): Decimal => {
  let total = ZERO;
  for (const value of values) total = plus(total, value);
  return total;
};

/** The smaller and the larger of two decimals. */
export const min = (a: Decimal, b: Decimal): Decimal => (a.lt(b) ? a : b);
export const max = (a: Decimal, b: Decimal): Decimal => (a.gt(b) ? a : b);
