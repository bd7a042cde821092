/**
 * Splits a whole over parts in proportion to their weights: each part is cut to whole minor units,
 * and the units that are missing go to the parts that lost most, of equals the earliest (largest
 * remainder). The parts add up to the whole; where every weight is 0 they are all 0. Throws RangeError
 * on negative numbers.
 */
export function spread(whole: bigint, weights: readonly bigint[]): bigint[] {
  if (whole < 0n || weights.some((weight) => weight < 0n)) {
    throw new RangeError("A whole and its weights are not negative");
  }
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
