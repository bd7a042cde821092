import { type Decimal, dec, toText } from "../decimal.ts";
import { spread } from "../spread.ts";

/**
 * `spread` over weights that need not be whole. Throws RangeError on negative numbers, and when there
 * is something to split and nothing to split it over.
 */
export function spreadMinor(whole: bigint, weights: readonly Decimal[]): bigint[] {
  const scale = scaleOf(weights);
  const units = weights.map((weight) => BigInt(toText(weight.times(scale))));
  if (whole > 0n && units.every((unit) => unit === 0n)) {
    throw new RangeError("There is nothing to split over");
  }
  return spread(whole, units);
}

/** The power of ten that makes whole numbers of all of them. */
function scaleOf(weights: readonly Decimal[]): Decimal {
  const digits = weights.map((weight) => toText(weight).split(".")[1]?.length ?? 0);
  return dec(`1e${Math.max(0, ...digits)}`);
}
