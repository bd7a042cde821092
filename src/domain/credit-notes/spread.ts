import { type Decimal, dec, isPositive, sum, toText, ZERO } from "../decimal.ts";

/**
 * Splits whole minor units over weights in proportion to them: each part is cut to whole units, and
 * the units that are missing go where the cut was largest, of equals to the earliest (largest
 * remainder). The parts add up to the whole, and what weighs nothing gets nothing. Throws RangeError
 * on negative numbers, and when there is something to split and nothing to split it over.
 */
export function spreadMinor(whole: bigint, weights: readonly Decimal[]): bigint[] {
  if (whole < 0n || weights.some((weight) => weight.lt(ZERO))) {
    throw new RangeError("A whole and its weights are not negative");
  }
  if (whole === 0n) return weights.map(() => 0n);
  if (!isPositive(sum(weights))) throw new RangeError("There is nothing to split over");
  const scale = scaleOf(weights);
  const units = weights.map((weight) => BigInt(toText(weight.times(scale))));
  const total = units.reduce((a, b) => a + b, 0n);
  const parts = units.map((unit) => (whole * unit) / total);
  const missing = whole - parts.reduce((a, b) => a + b, 0n);
  const byLoss = units
    .map((unit, index) => ({ index, lost: (whole * unit) % total }))
    .sort((a, b) => (a.lost === b.lost ? a.index - b.index : a.lost < b.lost ? 1 : -1));
  for (const { index } of byLoss.slice(0, Number(missing))) {
    parts[index] = (parts[index] ?? 0n) + 1n;
  }
  return parts;
}

/** The power of ten that makes whole numbers of all of them. */
function scaleOf(weights: readonly Decimal[]): Decimal {
  const digits = weights.map((weight) => toText(weight).split(".")[1]?.length ?? 0);
  return dec(`1e${Math.max(0, ...digits)}`);
}
