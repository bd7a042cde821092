import { assert } from "../../../errors.ts";

const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);

/** dividend / divisor in whole minor units, half away from zero. The divisor is positive. */
export function divideRounded(dividend: bigint, divisor: bigint): bigint {
  assert(divisor > 0n, "a divisor is positive");
  const rounded = (magnitude(dividend) * 2n + divisor) / (divisor * 2n);
  return dividend < 0n ? -rounded : rounded;
}

/**
 * Splits a whole over parts in proportion to their weights: each part is cut to whole minor units,
 * and the units that are missing go to the parts that lost most, of equals the earliest (largest
 * remainder). The parts add up to the whole; where every weight is 0 they are all 0.
 */
export function spread(whole: bigint, weights: readonly bigint[]): bigint[] {
  assert(whole >= 0n && weights.every((weight) => weight >= 0n), "a whole and weights are >= 0");
  const sum = weights.reduce((total, weight) => total + weight, 0n);
  if (sum === 0n) return weights.map(() => 0n);
  const parts = weights.map((weight) => (whole * weight) / sum);
  const missing = whole - parts.reduce((total, part) => total + part, 0n);
  const byLoss = weights
    .map((weight, index) => ({ index, lost: (whole * weight) % sum }))
    .sort((a, b) => (a.lost === b.lost ? a.index - b.index : a.lost < b.lost ? 1 : -1));
  for (const { index } of byLoss.slice(0, Number(missing)))
    parts[index] = (parts[index] ?? 0n) + 1n;
  return parts;
}
