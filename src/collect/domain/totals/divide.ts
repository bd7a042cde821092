import { assert } from "../../../errors.ts";

const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);

/** dividend / divisor in whole minor units, half away from zero. The divisor is positive. */
export function divideRounded(dividend: bigint, divisor: bigint): bigint {
  assert(divisor > 0n, "a divisor is positive");
  const rounded = (magnitude(dividend) * 2n + divisor) / (divisor * 2n);
  return dividend < 0n ? -rounded : rounded;
}
