import type { Conventions } from "./conventions.ts";
import type { CreditType } from "./credit-type.ts";
import { type Decimal, dec, type RoundingMode, round, sum, toText } from "./decimal.ts";

/** Exact, unrounded amount in minor units of the currency: 12.5 (USD wire, cents) is 12.5. */
const exactMinor = (amountWire: Decimal, creditType: CreditType): Decimal =>
  amountWire.times(dec(`1e${creditType.wireExponent}`));

/**
 * The one door from exact amounts to integers: an amount in the credit type's wire unit becomes
 * minor units, rounded to what the currency can express (Stripe docs: "Supported currencies").
 */
export function roundToMinor(
  amountWire: Decimal,
  creditType: CreditType,
  mode: RoundingMode,
): bigint {
  return roundToStep(exactMinor(amountWire, creditType), creditType.currency.stepMinor, mode);
}

function roundToStep(minor: Decimal, stepMinor: bigint, mode: RoundingMode): bigint {
  if (stepMinor === 1n) return BigInt(toText(round(minor, 0, mode)));
  // A step is a power of ten, so moving the point rounds to it without a division.
  const digits = stepMinor.toString().length - 1;
  return BigInt(toText(round(minor.times(dec(`1e-${digits}`)), 0, mode))) * stepMinor;
}

/** Whether an amount is one that the currency can express. */
export const isWholeMinor = (amountWire: Decimal, creditType: CreditType): boolean =>
  fromMinor(roundToMinor(amountWire, creditType, "half_away_from_zero"), creditType).eq(amountWire);

/** Integer minor units back in the credit type's wire unit. Exact. */
export const fromMinor = (amountMinor: bigint, creditType: CreditType): Decimal =>
  dec(amountMinor.toString()).times(dec(`1e-${creditType.wireExponent}`));

/** An amount in the credit type's wire unit, in whole units of its currency: 12.5 cents are 0.125. Exact. */
export const toWholeUnits = (
  amountWire: Decimal,
  { wireExponent, currency }: CreditType,
): Decimal => amountWire.times(dec(`1e${wireExponent - currency.exponent}`));

export interface Allocation {
  /** One integer per line, in the order given; together they are the rounded total. */
  readonly amountsMinor: readonly bigint[];
  /** Indexes of lines that are one step away from their own rounding, ascending. */
  readonly moved: readonly number[];
  readonly totalMinor: bigint;
}

/** The conventions that this door obeys. */
export type MinorRounding = Pick<Conventions, "roundingMode" | "invoiceRounding">;

/**
 * Rounds lines so that they add up to the total that is asked for. Each line is rounded in the mode.
 *
 * - round_then_sum: the total is what they then add up to.
 * - sum_then_round: the total is the exact sum, rounded in the mode. The steps that are missing go
 *   to the lines that lost most by rounding (of equals the earliest), surplus ones are taken from the
 *   lines that gained most (of equals the latest). No line moves by more than one step: the total's
 *   own rounding never asks for more.
 */
export function allocateMinor(
  linesWire: readonly Decimal[],
  creditType: CreditType,
  { roundingMode, invoiceRounding }: MinorRounding,
): Allocation {
  const step = creditType.currency.stepMinor;
  const exact = linesWire.map((line) => exactMinor(line, creditType));
  const amounts = exact.map((line) => roundToStep(line, step, roundingMode));
  const sumOfLines = amounts.reduce((a, b) => a + b, 0n);
  if (invoiceRounding === "round_then_sum") {
    return { amountsMinor: amounts, moved: [], totalMinor: sumOfLines };
  }
  const totalMinor = roundToStep(sum(exact), step, roundingMode);
  const missing = (totalMinor - sumOfLines) / step;
  if (missing === 0n) return { amountsMinor: amounts, moved: [], totalMinor };

  const lost = exact.map((line, i) => line.minus(dec(String(amounts[i]))));
  const order = [...lost.keys()].sort((a, b) => compareLoss(lost, a, b));
  // Ascending by loss, and of equals the latest first: the head gained most, the tail lost most.
  const count = Number(missing < 0n ? -missing : missing);
  const moved = missing < 0n ? order.slice(0, count) : order.slice(-count);
  const change = missing < 0n ? -step : step;
  for (const i of moved) amounts[i] = (amounts[i] ?? 0n) + change;
  return { amountsMinor: amounts, moved: moved.sort((a, b) => a - b), totalMinor };
}

function compareLoss(lost: readonly Decimal[], a: number, b: number): number {
  const [left, right] = [lost[a], lost[b]];
  if (left === undefined || right === undefined) throw new RangeError("No such line");
  return left.cmp(right) || b - a;
}
